import { boolAttr, floatAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	composite,
	type ExpandContext,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import { formula } from "../formula.js";

/** All seven results are [time, batch, cells]. */
const blockLstm: InferRule = ({ inputs: [, x, cells] }) => {
	const [time, batch] = x.shape ?? [-1, -1];
	const shape: Shape = [time, batch, cells.shape?.[1] ?? -1];
	return Array.from({ length: 7 }, () => ({ dtype: x.dtype, shape }));
};

/** Cells of recurrent networks in one node, as TensorFlow 1 has them, and whole sequences of them. */
export const recurrentOps = {
	LSTMBlockCell: composite(expandLstmCell),
	GRUBlockCell: composite(expandGruCell),
	BlockLSTM: primitive(blockLstm),
	BlockLSTMV2: primitive(blockLstm),
} as const satisfies Record<string, OpEntry>;

/** One step (kernels/rnn/lstm_ops.h): gates i, ci, f, o side by side in the columns of the weights. */
function expandLstmCell(context: ExpandContext): readonly ValueName[] {
	const { node, inputs, types, add } = context;
	const [x, before, hidden, weights, peepI, peepF, peepO, bias] = inputs;
	const { dtype } = types[0];
	const { add: plus, mul, max, min, of } = formula(context, dtype);
	const gates = affine(context, [x, hidden], weights, bias);
	const [inputGate, candidate, forget, output] = split(context, gates, 4);
	const peeped = (gate: ValueName, weight: ValueName, state: ValueName) =>
		boolAttr(node, "use_peephole") ? plus(gate, mul(state, weight)) : gate;
	const i = of("Sigmoid", peeped(inputGate, peepI, before));
	const f = of(
		"Sigmoid",
		peeped(plus(forget, floatAttr(node, "forget_bias")), peepF, before),
	);
	const ci = add("Tanh", [candidate], { T: dtype });
	const sum = plus(mul(ci, i), mul(before, f));
	const limit = floatAttr(node, "cell_clip");
	const cs = limit > 0 ? max(min(sum, limit), -limit) : sum;
	const o = of("Sigmoid", peeped(output, peepO, cs));
	const co = of("Tanh", cs);
	return [i, cs, f, o, ci, co, mul(co, o)];
}

/** One step (kernels/rnn/gru_ops.h): gates r, u side by side, then the candidate of what the reset leaves. */
function expandGruCell(context: ExpandContext): readonly ValueName[] {
	const { inputs, types } = context;
	const [x, before, gateWeights, weights, gateBias, bias] = inputs;
	const math = formula(context, types[0].dtype);
	const gates = math.of(
		"Sigmoid",
		affine(context, [x, before], gateWeights, gateBias),
	);
	const [r, u] = split(context, gates, 2);
	const c = math.of(
		"Tanh",
		affine(context, [x, math.mul(before, r)], weights, bias),
	);
	const h = math.add(math.mul(math.sub(before, c), u), c);
	return [r, u, c, h];
}

/** Values side by side times weights, and a bias. */
function affine(
	{ add, scalar, types }: ExpandContext,
	values: readonly ValueName[],
	weights: ValueName,
	bias: ValueName,
): ValueName {
	const T = types[0].dtype;
	const joined = add("ConcatV2", [...values, scalar("int32", 1)], {
		N: values.length,
		T,
		Tidx: "int32",
	});
	const product = add("MatMul", [joined, weights], {
		T,
		transpose_a: false,
		transpose_b: false,
	});
	return add("BiasAdd", [product, bias], { T, data_format: "NHWC" });
}

/** Columns in so many parts of one width. */
function split(
	{ addMany, scalar, types }: ExpandContext,
	value: ValueName,
	parts: number,
): readonly ValueName[] {
	return addMany("Split", [scalar("int32", 1), value], parts, {
		T: types[0].dtype,
		num_split: parts,
	});
}
