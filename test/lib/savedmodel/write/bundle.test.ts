import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openBundle } from "../../../../src/lib/savedmodel/bundle.js";
import { writeBundle } from "../../../../src/lib/savedmodel/write/bundle.js";
import { heldConstant } from "../../../../src/lib/tensor/constant.js";
import { tensor } from "../../../../src/lib/tensor/tensor.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-bundle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TENSORS = {
	"b/kernel": tensor(
		"float32",
		[2, 2],
		Float32Array.of(1.5, -2, 3, Number.NaN),
	),
	a: tensor("int64", [], BigInt64Array.of(2n ** 62n)),
	ö: tensor("float64", [0, 3], new Float64Array(0)),
	B: tensor("bool", [3], Uint8Array.of(1, 0, 1)),
};

test("tensors of a bundle lie in the order of their names' bytes, one behind the other", () => {
	writeBundle(
		folder,
		new Map(
			Object.entries(TENSORS).map(([key, value]) => [key, heldConstant(value)]),
		),
	);
	const bundle = openBundle(folder);
	// "B" is 42, "a" 61, "b" 62, "ö" c3 b6
	expect([...bundle.entries.keys()]).toEqual(["B", "a", "b/kernel", "ö"]);
	for (const [key, value] of Object.entries(TENSORS))
		expect(bundle.read(key)).toEqual(value);
	const data = readFileSync(join(folder, "variables.data-00000-of-00001"));
	// true, false, true; 2^62; 1.5, -2, 3, NaN; nothing
	expect(data.toString("hex")).toBe(
		"010001000000000000004000" + "00c03f000000c0000040400000c07f",
	);
});

test("a bundle is never written over another one", () => {
	expect(() => writeBundle(folder, new Map())).toThrow(/exist/);
});
