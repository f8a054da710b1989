import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { loadProgram } from "../../../../src/lib/engines/index.js";
import { openModel } from "../../../../src/lib/engines/onnx/model.js";
import { optimizedModel } from "../../../../src/lib/engines/onnx/optimization.js";
import { planOnnx } from "../../../../src/lib/engines/onnx/plan.js";
import { NO_INITIALIZER, type Program } from "../../../../src/lib/graph/ir.js";
import { regionsOf } from "../../../../src/lib/steps/plan.js";
import type { Tensors } from "../../../../src/lib/tensor/tensor.js";

afterEach(() => void vi.unstubAllEnvs());

const CHANNELS = 3_000;

/** The factor from channel i to channel j, small integers in no simple order. */
const factor = (i: number, j: number) => ((i * 7 + j * 3) % 11) - 5;

/** x [1, 1, 1, 3000] convolved with a kernel of one place: 36 MB. */
function convolution(): Program {
	const shape = [1, 1, CHANNELS, CHANNELS];
	const type = { dtype: "float32" as const, shape: [1, 1, 1, CHANNELS] };
	return {
		signature: "serving_default",
		inputs: [{ name: "x", value: "x", ...type }],
		outputs: [{ name: "y", value: "y:0", ...type }],
		nodes: [
			{
				name: "w",
				op: "Const",
				inputs: [],
				outputs: ["w:0"],
				attrs: {
					value: {
						dtype: "float32",
						shape,
						byteLength: 4 * CHANNELS ** 2,
						read: () => ({
							dtype: "float32",
							shape,
							data: Float32Array.from({ length: CHANNELS ** 2 }, (_, k) =>
								factor(Math.floor(k / CHANNELS), k % CHANNELS),
							),
						}),
					},
					dtype: "float32",
				},
			},
			{
				name: "y",
				op: "Conv2D",
				inputs: ["x", "w:0"],
				outputs: ["y:0"],
				attrs: {
					T: "float32",
					strides: [1, 1, 1, 1],
					padding: "VALID",
					data_format: "NHWC",
					dilations: [1, 1, 1, 1],
					explicit_paddings: [],
					use_cudnn_on_gpu: true,
				},
			},
		],
		functions: new Map(),
		initializer: NO_INITIALIZER,
		state: [],
		sharesResources: false,
	};
}

function question(): Tensors {
	const data = new Float32Array(CHANNELS);
	data[17] = 2;
	data[2424] = 1;
	return { x: { dtype: "float32", shape: [1, 1, 1, CHANNELS], data } };
}

const ANSWER = Array.from(
	{ length: CHANNELS },
	(_, j) => 2 * factor(17, j) + factor(2424, j),
);

async function sent() {
	const plan = planOnnx(convolution());
	if ("obstacles" in plan) throw new Error("cannot be planned");
	const sendable = await optimizedModel({
		program: plan.program,
		options: { threads: 1 },
	});
	const [{ weights }] = regionsOf(sendable.source.program);
	if (!("folder" in weights)) throw new Error("sent in buffers");
	return { ...sendable, folder: weights.folder };
}

test.each([
	["optimized beforehand", ""],
	["where no process can do that", "--no-such-option"],
])("large convolutions answer on two workers, %s", async (_, nodeOptions) => {
	const folder = mkdtempSync(join(tmpdir(), "mlship-test-"));
	vi.stubEnv("TMPDIR", folder);
	vi.stubEnv("NODE_OPTIONS", nodeOptions);
	const session = await loadProgram(convolution(), "onnx", {
		workers: 2,
		threads: 1,
	});
	expect(readdirSync(folder)).toEqual([]);
	const answers = await Promise.all([
		session.run(question()),
		session.run(question()),
	]);
	await session.close();
	for (const { y } of answers)
		expect([...(y.data as Float32Array)]).toEqual(ANSWER);
});

test("what another process optimized is there before a thread opens it, and gone with the weights", async () => {
	const { folder, opened } = await sent();
	expect(readdirSync(folder).sort()).toEqual([
		"optimized-weights",
		"optimized.onnx",
		"weights-0",
	]);
	opened?.();
	expect(existsSync(folder)).toBe(false);
});

test("a model that was optimized and cannot be opened is opened as it was before", async () => {
	const { source, folder, opened } = await sent();
	writeFileSync(join(folder, "optimized.onnx"), "no model");
	const model = await openModel(source);
	opened?.();
	const { y } = await model.run(question());
	await model.close();
	expect([...(y.data as Float32Array)]).toEqual(ANSWER);
});
