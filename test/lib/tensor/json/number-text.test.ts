import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
	MAX_NUMBER_BYTES,
	putFloat32,
	putFloat64,
} from "../../../../src/lib/tensor/json/number-text.js";

/** Bits of numbers and what C's printf makes of them, from fixtures/numbers/make.py. */
function vectors(name: string): { bits: bigint; text: string }[] {
	return readFileSync(`fixtures/numbers/${name}`, "utf8")
		.trimEnd()
		.split("\n")
		.map((line) => {
			const [bits, text] = line.split(" ");
			return { bits: BigInt(`0x${bits}`), text };
		});
}

const view = new DataView(new ArrayBuffer(8));
const out = Buffer.alloc(4 + MAX_NUMBER_BYTES);

test("putFloat32() writes what C's %g, or else %.9g, writes", () => {
	const written = vectors("float32.txt").map(({ bits, text }) => {
		view.setUint32(0, Number(bits));
		const end = putFloat32(out, 4, view.getFloat32(0));
		return { text, ours: out.toString("latin1", 4, end) };
	});
	expect(written.length).toBeGreaterThan(1000);
	expect(written.filter(({ text, ours }) => text !== ours)).toEqual([]);
});

test("putFloat64() writes what C's %g, or else %.17g, writes", () => {
	const written = vectors("float64.txt").map(({ bits, text }) => {
		view.setBigUint64(0, bits);
		const end = putFloat64(out, 4, view.getFloat64(0));
		return { text, ours: out.toString("latin1", 4, end) };
	});
	expect(written.length).toBeGreaterThan(1000);
	expect(written.filter(({ text, ours }) => text !== ours)).toEqual([]);
});

/** The examples of the specification (json_tensor.cc and its test). */
test.each([
	[0.1, "0.1"],
	[1 / 3, "0.333333343"],
	[1e6, "1e+06"],
	[9000000, "9e+06"],
	[999999, "999999.0"],
	[1e-5, "1e-05"],
	[0.00003, "3e-05"],
	[0.0003, "0.0003"],
	[16777216, "16777216.0"],
	[-0, "-0.0"],
	[123456.7, "123456.703"],
	[555557.5, "555557.5"],
	[Number.NaN, "NaN"],
	[-Infinity, "-Infinity"],
])("putFloat32() writes %s as %s", (value, text) => {
	const end = putFloat32(out, 0, Math.fround(value));
	expect(out.toString("latin1", 0, end)).toBe(text);
});
