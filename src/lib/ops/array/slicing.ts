import { sliceAxes } from "../../tensor/axis.js";
import type { Shape, Tensor } from "../../tensor/tensor.js";
import {
	composite,
	type ExpandContext,
	type InferContext,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { movement } from "../movement.js";
import { elementsOf, knownElements } from "../shapes.js";
import { movedElements } from "./places.js";
import {
	knownRange,
	type SliceBounds,
	type SliceItem,
	slicedBy,
	sliceItems,
} from "./strided-slice.js";

/** Boxes cut out of tensors, and put into them. */
export const slicingOps = {
	Slice: primitive((context) => [sliced(context)]),
	StridedSlice: primitive((context) => [stridedSlice(context)]),
	StridedSliceGrad: composite((context) => {
		const { add, inputs, types, node } = context;
		const [shape, begin, end, strides, value] = inputs;
		const { dtype } = types[4];
		const zeros = add("Fill", [shape, context.scalar(dtype, 0)], {
			T: dtype,
			index_type: node.attrs.Index,
		});
		return [
			add(
				"TensorStridedSliceUpdate",
				[zeros, begin, end, strides, value],
				node.attrs,
			),
		];
	}),
	TensorStridedSliceUpdate: composite((context) => [stridedUpdate(context)]),
	XlaDynamicUpdateSlice: composite((context) => [boxUpdate(context)]),
} as const satisfies Record<string, OpEntry>;

/** A box of the tensor: from `begin` on, `sizes` long, -1 to the end. */
export function boxOf(
	x: Tensor,
	begin: readonly number[],
	sizes: readonly number[],
): Tensor {
	return sliceAxes(
		x,
		begin.map((start, axis) => ({
			start,
			count: sizes[axis] < 0 ? x.shape[axis] - start : sizes[axis],
			step: 1,
		})),
	);
}

function sliced(context: InferContext): ValueType {
	const [{ dtype, shape }, ...given] = context.inputs;
	const [begin, sizes] = [elementsOf(context, 1), elementsOf(context, 2)];
	const [length] = given
		.map((input) => input.shape?.[0] ?? -1)
		.filter((count) => count >= 0);
	const rank = shape?.length ?? length;
	if (rank === undefined) return { dtype, shape: undefined };
	const [from, counts] = [knownElements(context, 1), knownElements(context, 2)];
	return {
		dtype,
		shape: Array.from({ length: rank }, (_, axis) =>
			sizeOf(shape?.[axis] ?? -1, begin?.[axis], sizes?.[axis]),
		),
		...(from === undefined || counts === undefined
			? {}
			: movedElements(context, [0], ([x]) => boxOf(x, from, counts))),
	};
}

function sizeOf(
	whole: number,
	begin: number | undefined,
	size: number | undefined,
): number {
	if (size === undefined) return -1;
	if (size >= 0) return size;
	return whole < 0 || begin === undefined ? -1 : whole - begin;
}

function stridedSlice(context: InferContext): ValueType {
	const [x, ...given] = context.inputs;
	const [count] = given
		.map(({ shape }) => shape?.[0] ?? -1)
		.filter((size) => size >= 0);
	if (x.shape === undefined || count === undefined)
		return { dtype: x.dtype, shape: undefined };
	const items = sliceItems(context.node, count, x.shape.length);
	const bounds = {
		begin: elementsOf(context, 1),
		end: elementsOf(context, 2),
		strides: elementsOf(context, 3),
	};
	const isKnown = areKnown(items, bounds);
	return {
		dtype: x.dtype,
		shape: items.flatMap((item) => itemSizes(item, x.shape, bounds)),
		...(isKnown
			? movedElements(
					context,
					[0],
					([places]) => slicedBy(places, items, bounds) ?? places,
				)
			: {}),
	};
}

function itemSizes(
	item: SliceItem,
	shape: Shape,
	bounds: SliceBounds,
): number[] {
	if (item.kind === "new") return [1];
	if (item.kind === "index" || item.kind === "rest") return [];
	const size = shape?.[item.axis] ?? -1;
	if (item.kind === "all") return [size];
	if (size >= 0) return [knownRange(item, size, bounds)?.count ?? -1];
	return [isWhole(item, bounds) ? size : -1];
}

/** Whether a range takes all of an axis, whatever its size. */
function isWhole(
	item: Extract<SliceItem, { kind: "range" }>,
	{ strides }: SliceBounds,
): boolean {
	const step = strides?.[item.at] ?? 0;
	return !item.hasBegin && !item.hasEnd && Math.abs(step) === 1;
}

function areKnown(items: readonly SliceItem[], bounds: SliceBounds): boolean {
	return items.every((item) => {
		if (item.kind === "index") return bounds.begin?.[item.at] !== undefined;
		return item.kind !== "range" || knownRange(item, 0, bounds) !== undefined;
	});
}

/** Finds the places that the slice takes by slicing the numbers of all places, and scatters the values there. */
function stridedUpdate(context: ExpandContext): string {
	const { add, inputs, node, types } = context;
	const [x, begin, end, strides, value] = inputs;
	const { shapeOf, range, product, reshape, ints } = movement(context);
	const T = types[0].dtype;
	const shape = shapeOf(x);
	const count = product(shape);
	const taken = add(
		"StridedSlice",
		[reshape(range(count), shape), begin, end, strides],
		{ ...node.attrs, T: "int64" },
	);
	const spread = add("BroadcastTo", [value, shapeOf(taken)], {
		T,
		Tidx: "int64",
	});
	const updated = add(
		"TensorScatterUpdate",
		[
			reshape(x, ints([-1])),
			reshape(taken, ints([-1, 1])),
			reshape(spread, ints([-1])),
		],
		{ T, Tindices: "int64" },
	);
	return reshape(updated, shape);
}

/** The update with as much around it as the tensor has, and where it is not, the tensor. Begins inside, as XLA clamps. */
function boxUpdate(context: ExpandContext): string {
	const { add, inputs, types, scalar } = context;
	const [x, update, indices] = inputs;
	const { shapeOf, int64, reshape, ints } = movement(context);
	const T = types[0].dtype;
	const binary = (op: string, a: string, b: string) =>
		add(op, [a, b], { T: "int64" });
	const room = binary("Sub", shapeOf(x), shapeOf(update));
	const asked = reshape(int64(indices, types[2].dtype), ints([-1]));
	const begin = binary("Minimum", binary("Maximum", asked, ints([0])), room);
	const paddings = add("Pack", [begin, binary("Sub", room, begin)], {
		T: "int64",
		N: 2,
		axis: 1,
	});
	const padded = (value: string, dtype: typeof T) =>
		add("Pad", [value, paddings], { T: dtype, Tpaddings: "int64" });
	const all = add("Fill", [shapeOf(update), scalar("bool", 1)], {
		T: "bool",
		index_type: "int64",
	});
	return add("SelectV2", [padded(all, "bool"), padded(update, T), x], { T });
}
