import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { loadProgram } from "../../../../src/lib/engines/index.js";
import { planOnnx } from "../../../../src/lib/engines/onnx/plan.js";
import {
	type PlannedModel,
	sendableModel,
} from "../../../../src/lib/engines/onnx/weights.js";
import { NO_INITIALIZER, type Program } from "../../../../src/lib/graph/ir.js";
import { regionsOf } from "../../../../src/lib/steps/plan.js";
import type { Constant } from "../../../../src/lib/tensor/constant.js";

afterEach(() => void vi.unstubAllEnvs());

/** The factor at [i, j], small integers in no simple order. */
const factor = (i: number, j: number) => ((i * 7 + j * 3) % 11) - 5;
const COLUMNS = 1000;

/** x [1, rows] · factors [rows, 1000]; `reads` counts how often they are read. */
function product(rows: number) {
	let reads = 0;
	const factors: Constant = {
		dtype: "float32",
		shape: [rows, COLUMNS],
		byteLength: 4 * rows * COLUMNS,
		read: () => {
			reads++;
			const data = new Float32Array(rows * COLUMNS);
			for (let k = 0; k < data.length; k++)
				data[k] = factor(Math.floor(k / COLUMNS), k % COLUMNS);
			return { dtype: "float32", shape: [rows, COLUMNS], data };
		},
	};
	const program: Program = {
		signature: "serving_default",
		inputs: [{ name: "x", value: "x", dtype: "float32", shape: [1, rows] }],
		outputs: [
			{ name: "y", value: "y:0", dtype: "float32", shape: [1, COLUMNS] },
		],
		nodes: [
			{
				name: "w",
				op: "Const",
				inputs: [],
				outputs: ["w:0"],
				attrs: { value: factors, dtype: "float32" },
			},
			{
				name: "y",
				op: "MatMul",
				inputs: ["x", "w:0"],
				outputs: ["y:0"],
				attrs: { T: "float32", transpose_a: false, transpose_b: false },
			},
		],
		functions: new Map(),
		initializer: NO_INITIALIZER,
		state: [],
		sharesResources: false,
	};
	return { program, reads: () => reads };
}

function planned(program: Program): PlannedModel {
	const plan = planOnnx(program);
	if ("obstacles" in plan) throw new Error("cannot be planned");
	return { program: plan.program, options: { threads: 1 } };
}

test("small weights are sent in buffers that may move to a thread", () => {
	const { source, transferList } = sendableModel(planned(product(10).program));
	const [{ weights }] = regionsOf(source.program);
	if ("folder" in weights) throw new Error("sent as files");
	expect(weights).toHaveLength(1);
	expect(transferList).toEqual([weights[0].data.buffer]);
});

test("large weights are sent as files for the user alone, which go when the model is open", () => {
	const { program, reads } = product(10_000);
	const plan = planned(program);
	expect(reads()).toBe(0);
	const { source, transferList, opened } = sendableModel(plan);
	expect(reads()).toBe(1);
	expect(transferList).toEqual([]);
	const [{ weights }] = regionsOf(source.program);
	if (!("folder" in weights)) throw new Error("sent in buffers");
	const bytes = readFileSync(join(weights.folder, weights.paths[0]));
	expect(bytes).toHaveLength(40_000_000);
	// the factor at [9999, 999]
	expect(bytes.readFloatLE(bytes.length - 4)).toBe(factor(9999, 999));
	opened?.();
	expect(existsSync(weights.folder)).toBe(false);
});

test("large weights are sent in buffers where no file can be written", () => {
	vi.stubEnv("TMPDIR", "/nowhere/at/all");
	const { source } = sendableModel(planned(product(10_000).program));
	const [{ weights }] = regionsOf(source.program);
	expect("folder" in weights).toBe(false);
});

test.each([0, 1])(
	"a model of large weights answers on %i workers, and leaves no file behind",
	async (workers) => {
		const folder = mkdtempSync(join(tmpdir(), "mlship-test-"));
		vi.stubEnv("TMPDIR", folder);
		const { program } = product(10_000);
		const session = await loadProgram(program, "onnx", { workers, threads: 1 });
		expect(readdirSync(folder)).toEqual([]);
		const data = new Float32Array(10_000);
		data[17] = 2;
		data[4242] = 1;
		const x = { dtype: "float32" as const, shape: [1, 10_000], data };
		const { y } = await session.run({ x });
		await session.close();
		const expected = Array.from(
			{ length: COLUMNS },
			(_, j) => 2 * factor(17, j) + factor(4242, j),
		);
		expect([...(y.data as Float32Array)]).toEqual(expected);
	},
);
