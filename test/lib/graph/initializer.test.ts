import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadProgram } from "../../../src/lib/engines/index.js";
import { buildProgram } from "../../../src/lib/graph/build.js";
import { checkProgram } from "../../../src/lib/graph/check.js";
import type { Program } from "../../../src/lib/graph/ir.js";
import {
	findMetaGraph,
	readSavedModel,
} from "../../../src/lib/savedmodel/read.js";
import { findSignature } from "../../../src/lib/savedmodel/signature.js";
import { bindVariables } from "../../../src/lib/savedmodel/variables.js";
import { strings } from "../host/examples.js";

function programOf(dir: string, key?: string): Program {
	const model = readSavedModel(dir);
	const metaGraph = findMetaGraph(model);
	const signature = findSignature(metaGraph, key);
	const variables = bindVariables(model, metaGraph);
	return buildProgram({ model, metaGraph, signature, variables });
}

async function lookUp(program: Program, ...keys: string[]) {
	const session = await loadProgram(program, "onnx", { workers: 0 });
	const [input] = session.inputs;
	const [output] = session.outputs;
	const found = await session.run({ [input.name]: strings(...keys) });
	await session.close();
	return Array.from(found[output.name].data, Number);
}

// the vocabulary is red, green, blue
describe.each([
	["TensorFlow 2", "fixtures/saved/assets"],
	["TensorFlow 1", "fixtures/saved/assets_v1"],
])("the table of a model of %s", (_, dir) => {
	const folder = mkdtempSync(join(tmpdir(), "mlship-tables-"));
	afterAll(() => rmSync(folder, { recursive: true }));

	test("is filled from its asset", async () => {
		const program = programOf(dir);
		checkProgram(program);
		expect(program.sharesResources).toBe(false);
		expect(await lookUp(program, "blue", "?", "red")).toEqual([2, -1, 0]);
	});

	test("is filled from the file of the folder that the model was moved to", async () => {
		cpSync(dir, folder, { recursive: true });
		writeFileSync(join(folder, "assets/vocabulary.txt"), "?\nred\n");
		expect(await lookUp(programOf(folder), "blue", "?", "red")).toEqual([
			-1, 0, 1,
		]);
	});

	test("cannot be filled without the file", async () => {
		cpSync(dir, folder, { recursive: true });
		rmSync(join(folder, "assets"), { recursive: true });
		await expect(lookUp(programOf(folder), "red")).rejects.toThrow(
			resolve(folder, "assets/vocabulary.txt"),
		);
	});
});

test("only the tables of the signature are filled", () => {
	const dir = "fixtures/models/control/1";
	expect(programOf(dir, "branch").initializer.nodes).toEqual([]);
	const { nodes } = programOf(dir, "find").initializer;
	expect(nodes.filter(({ op }) => op.includes("HashTable"))).toHaveLength(1);
});
