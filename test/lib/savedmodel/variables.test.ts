import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	readSavedModel,
	type SavedModelFile,
} from "../../../src/lib/savedmodel/read.js";
import {
	bindVariables,
	needsVariables,
	openVariables,
	type Variable,
} from "../../../src/lib/savedmodel/variables.js";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

function bind(dir: string): ReadonlyMap<string, Variable> {
	const model = readSavedModel(dir);
	return bindVariables(model, model.metaGraphs[0]);
}

/** The same without the restore operation, so that the object graph decides. */
function bindByObjects(dir: string): ReadonlyMap<string, Variable> {
	const model = readSavedModel(dir);
	const { saverDef: _, ...metaGraph } = model.metaGraphs[0];
	return bindVariables(model, metaGraph);
}

const elements = (variable: Variable | undefined) => [
	...((variable?.read().data ?? []) as Iterable<number | bigint>),
];

describe("bindVariables()", () => {
	test("tells variables of one name apart", () => {
		// fixtures/formats.py, shared_variable: all three are called "same"
		const bound = [...bind("fixtures/saved/shared_variable").values()];
		expect(
			Object.fromEntries(
				bound.map((variable) => [variable.key, elements(variable)]),
			),
		).toEqual({
			"parts/0/.ATTRIBUTES/VARIABLE_VALUE": [1, 2],
			"parts/1/.ATTRIBUTES/VARIABLE_VALUE": [10, 20],
			"nested/inner/.ATTRIBUTES/VARIABLE_VALUE": [3n],
		});
	});

	test.each([
		"fixtures/saved/shared_variable",
		"fixtures/models/tfjs-node/int64_multiply",
		"fixtures/models/digits/2",
		"fixtures/models/rnn/1",
		"fixtures/models/tensorflow-serving/saved_model_half_plus_two_tf2_cpu/00000123",
	])(
		"binds %s alike through the restore function and through the object graph",
		(dir) => {
			const restored = bind(dir);
			const objects = bindByObjects(dir);
			expect(objects.size).toBeGreaterThan(0);
			for (const [node, variable] of objects) {
				const { dtype, shape, byteLength } = restored.get(node) ?? {};
				expect(variable).toMatchObject({ dtype, shape, byteLength });
				expect(elements(variable)).toEqual(elements(restored.get(node)));
			}
		},
	);

	test("binds TensorFlow 1's references through save/restore_all", () => {
		const bound = bind("fixtures/models/tensorflow/half_plus_two/00000123");
		// y = a x + b, y3 = a x + c (tensorflow/python/saved_model/example_pb/export)
		expect(["a", "b", "c"].map((node) => elements(bound.get(node)))).toEqual([
			[0.5],
			[2],
			[3],
		]);
	});

	test("reads of a partitioned variable only the part that a node holds", () => {
		const bound = bind("fixtures/models/zoo_v1_partitioned/1");
		// ten rows in three parts: 4, 3 and 3
		expect([0, 1, 2].map((i) => bound.get(`table/part_${i}`)?.shape)).toEqual([
			[4, 3],
			[3, 3],
			[3, 3],
		]);
		const whole = openVariables("fixtures/models/zoo_v1_partitioned/1")?.read(
			"table",
		);
		expect(
			[0, 1, 2].flatMap((i) => elements(bound.get(`table/part_${i}`))),
		).toEqual([...((whole?.data ?? []) as Iterable<number>)]);
	});

	test("is empty for a model without variables", () => {
		expect(
			bind("fixtures/models/tensorflow-serving/matrix_half_plus_two/1").size,
		).toBe(0);
		expect(bind("fixtures/saved/assets_v1").size).toBe(0);
	});

	test("fails with CORRUPT where the checkpoint lacks a variable, with the nearest keys", () => {
		const model: SavedModelFile = {
			...readSavedModel("fixtures/models/tensorflow/half_plus_two/00000123"),
			dir: "fixtures/saved/shared_variable",
		};
		expect(() => bindVariables(model, model.metaGraphs[0])).toThrow(
			expect.objectContaining({
				code: "CORRUPT",
				message: expect.stringMatching(
					/^cannot bind variable "[abc]": the checkpoint has no "[abc]", nearest are "/,
				),
			}),
		);
	});
});

describe("openVariables()", () => {
	test("fails with NOT_READY where values are there without their index", () => {
		mkdirSync(join(folder, "variables"));
		expect(openVariables(folder)).toBeUndefined();
		writeFileSync(
			join(folder, "variables", "variables.data-00000-of-00001"),
			"",
		);
		expect(() => openVariables(folder)).toThrow(
			expect.objectContaining({
				code: "NOT_READY",
				message: `cannot read the variables of ${folder}: it has variables.data-00000-of-00001 but no variables.index, the copy may not be finished`,
			}),
		);
	});
});

test("needsVariables() says whether a graph is of no use without its checkpoint", () => {
	const first = (dir: string) => readSavedModel(dir).metaGraphs[0];
	expect(needsVariables(first("fixtures/models/digits/1"))).toBe(true);
	expect(needsVariables(first("fixtures/models/dtypes/1"))).toBe(false);
	expect(needsVariables(first("fixtures/saved/assets_v1"))).toBe(false);
	const { signatureDef: _, ...unread } = first("fixtures/models/digits/1");
	expect(needsVariables({ ...unread, signatureDef: {} })).toBe(false);
});
