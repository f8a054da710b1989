import type { ValueName } from "../../graph/ir.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { composite, type ExpandContext, type OpEntry } from "../define.js";
import { formula } from "../formula.js";

export const lossOps = {
	SoftmaxCrossEntropyWithLogits: composite(crossEntropy),
	SparseSoftmaxCrossEntropyWithLogits: composite(sparseCrossEntropy),
} as const satisfies Record<string, OpEntry>;

/** The loss -Σ labels · log softmax(features) of each example, and its gradient softmax(features) - labels. */
function crossEntropy(context: ExpandContext): ValueName[] {
	const { node, add, constantOf } = context;
	const [features, labels] = broadcastOperands(context);
	const { T } = node.attrs;
	const math = formula(context, context.types[0].dtype);
	const shares = math.mul(labels, add("LogSoftmax", [features], { T }));
	const last = constantOf(tensorFromNumbers("int32", [1], [-1]));
	const sum = add("Sum", [shares, last], {
		T,
		Tidx: "int32",
		keep_dims: false,
	});
	const gradient = math.sub(add("Softmax", [features], { T }), labels);
	return [math.of("Neg", sum), gradient];
}

/** As `crossEntropy`, where each example has one label, a number. */
function sparseCrossEntropy(context: ExpandContext): ValueName[] {
	const { node, inputs, types, add, scalar } = context;
	const [features, labels] = inputs;
	const { T, Tlabels } = node.attrs;
	const math = formula(context, types[0].dtype);
	const place = add("ExpandDims", [labels, scalar("int32", -1)], {
		T: Tlabels,
		Tdim: "int32",
	});
	const picked = add(
		"GatherV2",
		[add("LogSoftmax", [features], { T }), place, scalar("int32", 1)],
		{ Tparams: T, Tindices: Tlabels, Taxis: "int32", batch_dims: 1 },
	);
	const loss = math.of(
		"Neg",
		add("Squeeze", [picked], { T, squeeze_dims: [-1] }),
	);
	const target = add(
		"OneHot",
		[
			labels,
			classes(context),
			scalar(types[0].dtype, 1),
			scalar(types[0].dtype, 0),
		],
		{ T, TI: Tlabels, axis: -1 },
	);
	return [loss, math.sub(add("Softmax", [features], { T }), target)];
}

/** The number of classes, an int32 scalar. */
function classes({
	node,
	inputs,
	types,
	add,
	constantOf,
	scalar,
}: ExpandContext): ValueName {
	const known = types[0].shape?.[1] ?? -1;
	if (known >= 0) return scalar("int32", known);
	const shape = add("Shape", [inputs[0]], {
		T: node.attrs.T,
		out_type: "int32",
	});
	const [begin, end, stride] = [1, 2, 1].map((place) =>
		constantOf(tensorFromNumbers("int32", [1], [place])),
	);
	return add("StridedSlice", [shape, begin, end, stride], {
		T: "int32",
		Index: "int32",
		begin_mask: 0,
		end_mask: 0,
		ellipsis_mask: 0,
		new_axis_mask: 0,
		shrink_axis_mask: 1,
	});
}

/** Both operands in one shape: their softmax depends on it. */
function broadcastOperands({
	node,
	inputs,
	types,
	add,
}: ExpandContext): readonly ValueName[] {
	const [a, b] = types.map(({ shape }) => shape);
	const same =
		a !== undefined &&
		b !== undefined &&
		a.length === b.length &&
		a.every((size, i) => size === b[i]);
	if (same) return inputs;
	const shapes = inputs.map((input) =>
		add("Shape", [input], { T: node.attrs.T, out_type: "int32" }),
	);
	const shape = add("BroadcastArgs", shapes, { T: "int32" });
	return inputs.map((input) =>
		add("BroadcastTo", [input, shape], { T: node.attrs.T, Tidx: "int32" }),
	);
}
