import {
	cpSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compatAll } from "../src/commands/ui/compat.js";
import { MlshipError } from "../src/lib/errors.js";
import { buildProgram } from "../src/lib/graph/build.js";
import { isComplete } from "../src/lib/repository/ready.js";
import { assetFiles } from "../src/lib/savedmodel/assets.js";
import { exampleRequest } from "../src/lib/savedmodel/example.js";
import { readSavedModel } from "../src/lib/savedmodel/read.js";
import { listSignatures } from "../src/lib/savedmodel/signature.js";
import { summarize } from "../src/lib/savedmodel/summary.js";
import { bindVariables } from "../src/lib/savedmodel/variables.js";

/** Small, and between them every form that a SavedModel takes. */
const MODELS = [
	"models/tensorflow/half_plus_two/00000123",
	"models/tensorflow/half_plus_two_pbtxt/00000123",
	"models/tensorflow-serving/matrix_half_plus_two/1",
	"models/tensorflow-serving/saved_model_half_plus_two_cpu/00000123",
	"models/tfjs-node/model_multi_output",
	"models/tfjs-node/int64_multiply",
	"models/zoo_v1_partitioned/1",
	"models/control/1",
	"models/digits/1",
	"saved/assets",
	"saved/assets_v1",
	"saved/functions",
	"saved/shared_variable",
	"saved/tag_sets",
];

const CUTS = 16;
const FLIPS = 32;

/** Broken files must not cost more than whole ones by orders of magnitude. */
const MAX_MILLISECONDS = 2000;
const MAX_MEGABYTES = 500;

const folder = mkdtempSync(join(tmpdir(), "mlship-"));
afterAll(() => {
	rmSync(folder, { recursive: true });
});

describe.each(MODELS)("of a broken copy of %s", (model) => {
	const dir = join(folder, model);
	cpSync(join("fixtures", model), dir, { recursive: true });
	const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter(
		(name) => /\.(pb|pbtxt|index)$|\.data-/.test(name),
	);

	test.each(files)(
		"only MlshipError comes out, and soon, when %s is cut or flipped",
		(name) => {
			const path = join(dir, name);
			const whole = readFileSync(path);
			const random = randomFrom(whole.length);
			for (const broken of [...cuts(whole), ...flips(whole, random)]) {
				writeFileSync(path, broken.bytes);
				const start = performance.now();
				const foreign = useEverything(dir).filter(
					(error) => !(error instanceof MlshipError),
				);
				expect(foreign, broken.how).toEqual([]);
				expect(performance.now() - start, broken.how).toBeLessThan(
					MAX_MILLISECONDS,
				);
			}
			writeFileSync(path, whole);
		},
	);
});

test("broken files do not make memory grow", () => {
	// maxRSS is in kilobytes (getrusage(2))
	expect(process.resourceUsage().maxRSS / 1024).toBeLessThan(MAX_MEGABYTES);
});

interface Broken {
	readonly how: string;
	readonly bytes: Uint8Array;
}

function cuts(whole: Uint8Array): Broken[] {
	return Array.from({ length: CUTS }, (_, i) => {
		const length = Math.floor((whole.length * i) / CUTS);
		return { how: `cut at ${length}`, bytes: whole.subarray(0, length) };
	});
}

/** One byte each: turned into another, or into the beginning of a large number. */
function flips(whole: Uint8Array, random: () => number): Broken[] {
	if (whole.length === 0) return [];
	return Array.from({ length: FLIPS }, (_, i) => {
		const bytes = Uint8Array.from(whole);
		const at = Math.floor(random() * bytes.length);
		if (i % 2 === 0) bytes[at] ^= 1 << Math.floor(random() * 8);
		else bytes.fill(0xff, at, at + 1 + (i % 5));
		return { how: `${i % 2 === 0 ? "flipped" : "filled"} at ${at}`, bytes };
	});
}

/** Everything that reads a SavedModel; returns what it throws. */
function useEverything(dir: string): unknown[] {
	const uses: (() => void)[] = [
		() => void isComplete(dir),
		() => void summarize(dir),
		() => void compatAll(readSavedModel(dir)),
		() => readGraphs(dir),
	];
	return uses.flatMap((use) => {
		try {
			use();
			return [];
		} catch (error) {
			return [error];
		}
	});
}

function readGraphs(dir: string): void {
	const model = readSavedModel(dir);
	for (const metaGraph of model.metaGraphs) {
		assetFiles(model, metaGraph);
		const variables = bindVariables(model, metaGraph);
		for (const variable of variables.values()) variable.read();
		for (const signature of listSignatures(metaGraph)) {
			exampleRequest(signature);
			buildProgram({ model, metaGraph, signature, variables });
		}
	}
}

/** Numbers from 0 to 1 that are the same in every run (Park and Miller's generator). */
function randomFrom(seed: number): () => number {
	let state = (seed % 2147483646) + 1;
	return () => {
		state = (state * 16807) % 2147483647;
		return state / 2147483647;
	};
}
