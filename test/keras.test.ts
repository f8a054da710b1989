import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { exportNetwork } from "../src/lib/keras/export.js";
import { openKerasFile } from "../src/lib/keras/open.js";
import { writeSavedModel } from "../src/lib/savedmodel/write/model.js";
import { readCases } from "./cases.js";
import { difference } from "./close.js";
import { OpenedModel } from "./corpus.js";
import { unpackTar } from "./ops/tar.js";

/** What Keras 3 and Keras 2 wrote, by fixtures/keras/layers.py. */
const GENERATIONS = ["keras3", "keras2"] as const;
const ROOT = "fixtures/keras";
const ARCHIVE = ".tar.gz";

/** Networks that are refused, and what the refusal says. */
const REFUSED: Readonly<Record<string, RegExp>> = {
	// Keras 2 writes the equation, and not what it is about
	"keras2 fn_einsum": /does not know tf\.einsum/,
	"keras3 dense_int4": /its weights are quantized \(int4/,
	"keras3 op_median": /does not know it/,
};

/** Networks of which only the `.keras` file has what is needed, and what is said of the other; Keras 2 does not even write some. */
const WITHOUT_H5: readonly (readonly [RegExp, RegExp])[] = [
	[
		/^(lookup|text) (integer_adapted|string_adapted|string_and_layers|string_limited|adapted|classifier)/,
		/does not keep its vocabulary/,
	],
	// Keras merges what LoRA learned into the weights of a .keras file alone
	[/^small_weights \w+_lora$/, /expected .*, found .*lora/],
];

for (const generation of GENERATIONS) {
	const folder = mkdtempSync(join(tmpdir(), `mlship-${generation}-`));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	for (const family of families(generation)) {
		const dir = join(folder, family);
		const archive = join(ROOT, generation, family + ARCHIVE);
		unpackTar(gunzipSync(readFileSync(archive)), dir);
		describe(`${generation} ${family}: answers as Keras does`, () => {
			for (const name of namesIn(dir))
				test(name, async () => {
					const file = (form: string) => join(dir, `${name}.${form}`);
					const refusal = REFUSED[`${generation} ${name}`];
					if (refusal !== undefined) {
						const attempt = exported(file("keras"), join(dir, "a", name));
						await expect(attempt).rejects.toThrow(refusal);
						return;
					}
					const made = await exported(file("keras"), join(dir, "a", name));
					expect(await problemOf(made, file("json"))).toBeUndefined();
					const lack = WITHOUT_H5.find(([names]) =>
						names.test(`${family} ${name}`),
					);
					if (lack !== undefined) {
						if (!existsSync(file("h5"))) return;
						const attempt = exported(file("h5"), join(dir, "b", name));
						await expect(attempt).rejects.toThrow(lack[1]);
						return;
					}
					const legacy = await exported(file("h5"), join(dir, "b", name));
					if (!sameBytes(made, legacy))
						expect(await problemOf(legacy, file("json"))).toBeUndefined();
				});
		});
	}
}

function families(generation: string): string[] {
	return readdirSync(join(ROOT, generation))
		.filter((file) => file.endsWith(ARCHIVE))
		.map((file) => basename(file, ARCHIVE))
		.sort();
}

function namesIn(dir: string): string[] {
	return readdirSync(dir)
		.filter((file) => file.endsWith(".keras"))
		.map((file) => basename(file, ".keras"))
		.sort();
}

/** The folder of the SavedModel that a file becomes. */
async function exported(path: string, dir: string): Promise<string> {
	const file = await openKerasFile(path);
	try {
		writeSavedModel(dir, exportNetwork(file).graph);
		return dir;
	} finally {
		file.close();
	}
}

function sameBytes(a: string, b: string): boolean {
	const [one, other] = [a, b].map((dir) =>
		readFileSync(join(dir, "saved_model.pb")),
	);
	return one.equals(other);
}

/** The first difference to Keras's answers; undefined where there is none. */
async function problemOf(
	dir: string,
	cases: string,
): Promise<string | undefined> {
	const model = new OpenedModel(dir);
	const session = await model.load("serving_default", "onnx");
	try {
		for (const { inputs, outputs } of readCases(cases)) {
			const actual = await session.run(inputs);
			for (const [name, expected] of Object.entries(outputs)) {
				const found = difference(actual[name], expected);
				if (found !== undefined) return `output "${name}": ${found}`;
			}
		}
		return undefined;
	} finally {
		await session.close();
	}
}
