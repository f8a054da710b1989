import { expect, test } from "vitest";
import { loadProgram } from "../../../../../../src/lib/engines/index.js";
import { inferProgramTypes } from "../../../../../../src/lib/graph/infer.js";
import { prepareProgram } from "../../../../../../src/lib/passes/bodies.js";
import { PASSES } from "../../../../../../src/lib/passes/index.js";
import { lowerToOnnx } from "../../../../../../src/lib/targets/onnx/lower.js";
import { tensorFromNumbers } from "../../../../../../src/lib/tensor/numbers.js";
import { OpenedModel } from "../../../../../corpus.js";

/** The loops and recurrent operators that a signature becomes. */
function lowered(family: string, signature: string) {
	const model = new OpenedModel(`fixtures/models/zoo_recurrent_${family}/1`);
	const program = prepareProgram(model.program(signature), PASSES);
	const types = inferProgramTypes(program);
	return lowerToOnnx(program, types, signature, program.functions).nodes.filter(
		({ op }) => ["LSTM", "GRU", "RNN", "Loop"].includes(op),
	);
}

// how each is told its functions: ONNX operators LSTM, GRU and RNN; Keras 3's hard_sigmoid is relu6(x + 3) / 6
test.each([
	["lstm", "last", "LSTM", ["Sigmoid", "Tanh", "Tanh"], [], []],
	["lstm", "elu", "LSTM", ["Sigmoid", "Elu", "Elu"], [1, 1], []],
	[
		"lstm",
		"hard_sigmoid",
		"LSTM",
		["HardSigmoid", "Tanh", "Tanh"],
		[1 / 6],
		[0.5],
	],
	["gru", "last", "GRU", ["Sigmoid", "Tanh"], [], []],
	["gru", "hard_sigmoid_elu", "GRU", ["HardSigmoid", "Elu"], [1 / 6, 1], [0.5]],
	["simple", "relu", "RNN", ["Relu"], [], []],
])(
	"the layer %s %s is one %s of %j",
	(family, signature, op, functions, alphas, betas) => {
		const [layer, ...others] = lowered(family, signature);
		expect(others).toEqual([]);
		expect(layer.op).toBe(op);
		expect(layer.attrs).toMatchObject({
			activations: { strings: functions },
			activation_alpha: { floats: alphas },
			activation_beta: { floats: betas },
		});
	},
);

test("each direction of a bidirectional layer is an operator", () => {
	const ops = lowered("networks", "bidirectional").map(({ op }) => op);
	expect(ops).toEqual(["LSTM", "LSTM"]);
});

test("ONNX is told where a GRU applies its reset gate", () => {
	const told = (signature: string) =>
		lowered("gru", signature)[0].attrs.linear_before_reset;
	expect(told("last")).toBe(1);
	expect(told("reset_before")).toBe(0);
});

test.each(["own_cell", "stacked_cells", "masked"])(
	"%s is a loop in the graph, not on the host",
	(signature) => {
		expect(lowered("networks", signature).map(({ op }) => op)).toEqual([
			"Loop",
		]);
	},
);

// none of ONNX Runtime's LSTM and GRU survives an empty batch; TensorFlow answers one with no rows
test.each([
	["lstm", "last"],
	["gru", "last"],
	["gru", "reset_before"],
	["simple", "relu"],
	["networks", "bidirectional"],
])(
	"the layer %s %s answers a batch of no rows with none",
	async (family, signature) => {
		const model = new OpenedModel(`fixtures/models/zoo_recurrent_${family}/1`);
		const program = model.program(signature);
		const session = await loadProgram(program, "onnx", { workers: 0 });
		const feeds = program.inputs.map(({ name, dtype, shape = [] }) => {
			const known = shape.map((size, axis) =>
				axis === 0 ? 0 : Math.max(size, 3),
			);
			return [name, tensorFromNumbers(dtype, known, [])] as const;
		});
		const [output] = Object.values(
			await session.run(Object.fromEntries(feeds)),
		);
		await session.close();
		expect(output.shape[0]).toBe(0);
	},
);
