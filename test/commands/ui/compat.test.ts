import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { compatAll } from "../../../src/commands/ui/compat.js";
import { readSavedModel } from "../../../src/lib/savedmodel/read.js";

/** What saved_model_cli of TensorFlow 2.21 says, a file a model: fixtures/formats.py. */
const SAYS = "fixtures/compat";

describe("compatAll() is saved_model_cli show --all", () => {
	test.each(named(".txt"))("of %s", (name) => {
		const path = name.replaceAll("__", "/");
		const dir = ["fixtures/models", "fixtures/saved"]
			.map((folder) => join(folder, path))
			.find(existsSync);
		const said = readFileSync(join(SAYS, `${name}.txt`), "utf8");
		expect(comparable(compatAll(readSavedModel(dir ?? "")))).toBe(
			comparable(said),
		);
	});

	test.each(named(".txt.gz"))("of the packed graph %s", (name) => {
		const unpacked = (suffix: string) =>
			gunzipSync(readFileSync(join(SAYS, name + suffix)));
		const dir = mkdtempSync(join(tmpdir(), "mlship-"));
		writeFileSync(join(dir, "saved_model.pb"), unpacked(".pb.gz"));
		const text = compatAll(readSavedModel(dir));
		rmSync(dir, { recursive: true });
		const said = Buffer.from(unpacked(".txt.gz")).toString();
		expect(comparable(text)).toBe(comparable(said));
	});
});

function named(suffix: string): string[] {
	return readdirSync(SAYS)
		.filter((file) => file.endsWith(suffix))
		.map((file) => file.slice(0, -suffix.length));
}

/** Python prints its set of operations in an order that changes from run to run. */
function comparable(text: string): string {
	return text.replace(
		/(following ops: \{)(.*)(\})$/gm,
		(_, start, ops, end) => start + ops.split(", ").sort().join(", ") + end,
	);
}
