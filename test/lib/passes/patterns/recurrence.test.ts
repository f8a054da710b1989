import { expect, test } from "vitest";
import { CONTROL_FORMS } from "../../../../src/lib/graph/bodies.js";
import { inferProgramTypes } from "../../../../src/lib/graph/infer.js";
import type { Graph } from "../../../../src/lib/graph/ir.js";
import { prepareProgram } from "../../../../src/lib/passes/bodies.js";
import { PASSES } from "../../../../src/lib/passes/index.js";
import { recurrence } from "../../../../src/lib/passes/patterns/recurrence.js";
import { OpenedModel } from "../../../corpus.js";

/** What the loops of a signature are recognised as, in order. */
function found(family: string, signature: string) {
	const model = new OpenedModel(`fixtures/models/zoo_recurrent_${family}/1`);
	const program = prepareProgram(model.program(signature), PASSES);
	const types = inferProgramTypes(program);
	return program.nodes
		.filter(({ op }) => CONTROL_FORMS[op]?.kind === "loop")
		.map((node) =>
			recurrence(node, (name) => program.functions.get(name) as Graph, types),
		);
}

/** The kind of a cell and what it applies, in one line. */
const spoken = (layer: ReturnType<typeof found>[number]) => {
	if (layer === undefined) return "a loop";
	const { cell, stacked } = layer;
	const applied =
		"gateActivation" in cell
			? [cell.gateActivation, cell.activation]
			: [cell.activation];
	const every = stacked.length > 0 ? ["of every step"] : [];
	return [cell.kind, ...applied, ...every].join(" ");
};

// layers as fixtures/zoo/recurrent.py spells them; Keras's defaults are tanh, and sigmoid for gates
test.each([
	["lstm", "last", ["lstm Sigmoid Tanh"]],
	["lstm", "every", ["lstm Sigmoid Tanh of every step"]],
	["lstm", "four_steps", ["lstm Sigmoid Tanh of every step"]],
	["lstm", "backwards", ["lstm Sigmoid Tanh of every step"]],
	["lstm", "without_bias", ["lstm Sigmoid Tanh of every step"]],
	["lstm", "elu", ["lstm Sigmoid Elu"]],
	["lstm", "hard_sigmoid", ["lstm HardSigmoid Tanh"]],
	["lstm", "softsign", ["lstm Sigmoid Softsign"]],
	["gru", "last", ["gru Sigmoid Tanh"]],
	["gru", "reset_before", ["gru Sigmoid Tanh"]],
	["gru", "without_bias", ["gru Sigmoid Tanh of every step"]],
	["gru", "hard_sigmoid_elu", ["gru HardSigmoid Elu"]],
	["simple", "last", ["simple Tanh"]],
	["simple", "relu", ["simple Relu of every step"]],
	["simple", "hard_sigmoid", ["simple HardSigmoid"]],
	[
		"networks",
		"stacked",
		["lstm Sigmoid Tanh of every step", "gru Sigmoid Tanh"],
	],
])("the loops of %s %s are the layers %j", (family, signature, layers) => {
	expect(found(family, signature).map(spoken)).toEqual(layers);
});

test.each([
	["networks", "own_cell", "whose cell no layer of Keras has"],
	["networks", "stacked_cells", "with two cells in one step"],
	["networks", "masked", "that skips steps"],
	["networks", "convolutional", "whose weights are kernels"],
	["lstm", "float64", "in double precision"],
	["simple", "linear", "without a function that ONNX has"],
])("%s %s stays a loop: one %s", (family, signature) => {
	expect(found(family, signature).map(spoken)).toEqual(["a loop"]);
});

test("a GRU resets the state before its weights or behind them, as Keras says with reset_after", () => {
	const resetsAfter = (signature: string) => {
		const cell = found("gru", signature)[0]?.cell;
		return cell?.kind === "gru" ? cell.resetsAfter : undefined;
	};
	expect(resetsAfter("last")).toBe(true);
	expect(resetsAfter("reset_before")).toBe(false);
});
