import { dtypeAttr } from "../../graph/attrs.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	composite,
	type InferContext,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import {
	broadcast,
	elementsOf,
	sameAsInput,
	shapeFromInput,
} from "../shapes.js";

const sameType = primitive(({ inputs: [{ dtype, shape }] }) => [
	{ dtype, shape },
]);

/** Tensors made of a value, and tensors made larger. */
export const creationOps = {
	Const: primitive(() => []),
	Fill: primitive((context) => {
		const { dtype } = context.inputs[1];
		const shape = shapeFromInput(context, 0);
		const value = elementsOf(context, 1)?.[0];
		const isShort =
			shape?.length === 1 &&
			shape[0] >= 0 &&
			shape[0] <= 16 &&
			(dtype === "int32" || dtype === "int64");
		return [
			{
				dtype,
				shape,
				...(isShort
					? { elements: new Array<number | undefined>(shape[0]).fill(value) }
					: {}),
			},
		];
	}),
	ZerosLike: sameType,
	OnesLike: sameType,
	Range: primitive((context) => [ranged(context)]),
	LinSpace: primitive((context) => [
		{
			dtype: context.inputs[0].dtype,
			shape: [elementsOf(context, 2)?.[0] ?? -1],
		},
	]),
	BroadcastTo: primitive((context) => [
		{ dtype: context.inputs[0].dtype, shape: shapeFromInput(context, 1) },
	]),
	BroadcastArgs: primitive((context) => {
		const [a, b] = [elementsOf(context, 0), elementsOf(context, 1)].map(
			(elements): Shape => elements?.map((element) => element ?? -1),
		);
		const shape = broadcast(a, b);
		return [
			{
				dtype: context.inputs[0].dtype,
				shape: [shape?.length ?? -1],
				...(shape === undefined
					? {}
					: { elements: shape.map((size) => (size < 0 ? undefined : size)) }),
			},
		];
	}),
	Pad: primitive((context) => [padded(context)]),
	PadV2: primitive((context) => [padded(context)]),
	MirrorPad: primitive((context) => [padded(context)]),
	MatrixBandPart: primitive(sameAsInput),
	PlaceholderWithDefault: composite(({ inputs }) => inputs),
} as const satisfies Record<string, OpEntry>;

function ranged(context: InferContext): ValueType {
	const dtype = dtypeAttr(context.node, "Tidx");
	const [start, limit, delta] = [0, 1, 2].map(
		(index) => elementsOf(context, index)?.[0],
	);
	if (
		start === undefined ||
		limit === undefined ||
		delta === undefined ||
		delta === 0
	)
		return { dtype, shape: [-1] };
	const count = Math.max(0, Math.ceil((limit - start) / delta));
	const isInteger = dtype === "int32" || dtype === "int64";
	return {
		dtype,
		shape: [count],
		...(isInteger && count <= 64
			? { elements: Array.from({ length: count }, (_, i) => start + i * delta) }
			: {}),
	};
}

function padded(context: InferContext): ValueType {
	const { dtype, shape } = context.inputs[0];
	const paddings = context.constant(1);
	const rank = shape?.length ?? context.inputs[1].shape?.[0];
	if (rank === undefined || rank < 0) return { dtype, shape: undefined };
	if (paddings === undefined || shape === undefined)
		return { dtype, shape: new Array<number>(rank).fill(-1) };
	const sizes = Array.from(paddings.data as ArrayLike<number | bigint>, Number);
	return {
		dtype,
		shape: shape.map((size, i) =>
			size < 0 ? -1 : size + sizes[2 * i] + sizes[2 * i + 1],
		),
	};
}
