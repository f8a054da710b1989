import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { functionAttr } from "../../../../src/lib/graph/attrs.js";
import { CONTROL_FORMS } from "../../../../src/lib/graph/bodies.js";
import { inferProgramTypes } from "../../../../src/lib/graph/infer.js";
import type { Graph, Node } from "../../../../src/lib/graph/ir.js";
import { prepareProgram } from "../../../../src/lib/passes/bodies.js";
import { PASSES } from "../../../../src/lib/passes/index.js";
import { recurrence } from "../../../../src/lib/passes/patterns/recurrence.js";
import { OpenedModel } from "../../../corpus.js";

function prepared(family: string, signature: string) {
	const model = new OpenedModel(`fixtures/models/zoo_recurrent_${family}/1`);
	const program = prepareProgram(model.program(signature), PASSES);
	const loops = program.nodes.filter(
		({ op }) => CONTROL_FORMS[op]?.kind === "loop",
	);
	return { program, types: inferProgramTypes(program), loops };
}

/** What the loops of a signature are recognised as, in order. */
function found(family: string, signature: string) {
	const { program, types, loops } = prepared(family, signature);
	return loops.map((node) =>
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

/** An op in the place of another that takes and gives the same. */
const OTHER: Readonly<Record<string, string>> = {
	AddV2: "Sub",
	BiasAdd: "Sub",
	Elu: "Relu",
	Mul: "AddV2",
	Relu: "Tanh",
	Sigmoid: "Tanh",
	Sub: "AddV2",
	Tanh: "Softsign",
};

/** The same node with another op, with its inputs or its outputs the other way round, as far as that means something else. */
function variants(node: Node): readonly Node[] {
	const { op, inputs, outputs } = node;
	const other = OTHER[op];
	return [
		...(other === undefined ? [] : [{ ...node, op: other }]),
		...(IN_ORDER.has(op) ? [{ ...node, inputs: inputs.toReversed() }] : []),
		...(op === "Split" ? [{ ...node, outputs: outputs.toReversed() }] : []),
	];
}

const IN_ORDER = new Set(["Sub", "RealDiv"]);

test.each([
	["lstm", "last"],
	["lstm", "hard_sigmoid"],
	["gru", "last"],
	["gru", "reset_before"],
	["simple", "last"],
])(
	"%s %s with one operation changed is another layer, or none",
	(family, signature) => {
		const { program, types, loops } = prepared(family, signature);
		const [loop] = loops;
		const bodyOf = (name: string) => program.functions.get(name) as Graph;
		const known = recurrence(loop, bodyOf, types);
		expect(known).toBeDefined();
		const name = functionAttr(loop, "body");
		const { nodes, ...body } = bodyOf(name);
		const changes = nodes.flatMap((node, i) =>
			variants(node).map((variant) => ({ variant, i })),
		);
		const taken = changes.filter(({ variant, i }) => {
			const changed = { ...body, nodes: nodes.with(i, variant) };
			const layer = recurrence(
				loop,
				(wanted) => (wanted === name ? changed : bodyOf(wanted)),
				types,
			);
			return isDeepStrictEqual(layer, known);
		});
		expect(taken).toEqual([]);
	},
);
