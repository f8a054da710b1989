import { intAttr } from "../../graph/attrs.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	composite,
	type InferContext,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { elementsOf, normalizeAxis, shapeFromInput } from "../shapes.js";
import { rangeOf, type SliceItem, sliceItems } from "./strided-slice.js";

const sameAsData = primitive(({ inputs: [{ dtype, shape }] }) => [
	{ dtype, shape },
]);

/** Ops that pick elements by their indices, or put them there. */
export const indexingOps = {
	Gather: composite(({ node, inputs, add, scalar }) => [
		add("GatherV2", [...inputs, scalar("int32", 0)], {
			Tparams: node.attrs.Tparams,
			Tindices: node.attrs.Tindices,
			Taxis: "int32",
		}),
	]),
	GatherV2: primitive((context) => [gathered(context)]),
	GatherNd: primitive(({ inputs: [x, indices] }) => {
		const depth = indices.shape?.at(-1);
		const isKnown =
			x.shape !== undefined &&
			indices.shape !== undefined &&
			depth !== undefined &&
			depth >= 0;
		return [
			{
				dtype: x.dtype,
				shape: isKnown
					? [
							...(indices.shape?.slice(0, -1) ?? []),
							...(x.shape?.slice(depth) ?? []),
						]
					: undefined,
			},
		];
	}),
	Slice: primitive((context) => {
		const { dtype, shape } = context.inputs[0];
		const [begin, sizes] = [elementsOf(context, 1), elementsOf(context, 2)];
		const length =
			context.inputs[1].shape?.[0] ?? context.inputs[2].shape?.[0] ?? -1;
		const rank = shape?.length ?? (length >= 0 ? length : undefined);
		if (rank === undefined) return [{ dtype, shape: undefined }];
		const result = Array.from({ length: rank }, (_, i) =>
			sliceSize(shape?.[i] ?? -1, begin?.[i], sizes?.[i]),
		);
		return [
			{
				dtype,
				shape: result,
				...slicedElements(context, begin?.[0], result[0]),
			},
		];
	}),
	StridedSlice: primitive(stridedSlice),
	ScatterNd: primitive((context) => [
		{ dtype: context.inputs[1].dtype, shape: shapeFromInput(context, 2) },
	]),
	TensorScatterUpdate: sameAsData,
	TensorScatterAdd: sameAsData,
	TensorScatterSub: sameAsData,
	TensorScatterMax: sameAsData,
	TensorScatterMin: sameAsData,
	OneHot: primitive((context) => {
		const [{ shape }, , on] = context.inputs;
		const depth = elementsOf(context, 1)?.[0] ?? -1;
		const axis = intAttr(context.node, "axis");
		return [
			{
				dtype: on.dtype,
				shape: shape?.toSpliced(axis < 0 ? shape.length : axis, 0, depth),
			},
		];
	}),
	Where: primitive(({ inputs: [{ shape }] }) => [
		{ dtype: "int64", shape: [-1, shape?.length ?? -1] },
	]),
	InvertPermutation: sameAsData,
} as const satisfies Record<string, OpEntry>;

function gathered(context: InferContext): ValueType {
	const [x, indices] = context.inputs;
	const axis = elementsOf(context, 2)?.[0];
	if (
		x.shape === undefined ||
		indices.shape === undefined ||
		axis === undefined
	)
		return { dtype: x.dtype, shape: undefined };
	const at = normalizeAxis(axis, x.shape.length);
	const batch = intAttr(context.node, "batch_dims");
	const batchDims = batch < 0 ? batch + indices.shape.length : batch;
	const shape = [
		...x.shape.slice(0, at),
		...indices.shape.slice(batchDims),
		...x.shape.slice(at + 1),
	];
	const places =
		x.elements === undefined || indices.shape.length > 1
			? undefined
			: elementsOf(context, 1);
	return {
		dtype: x.dtype,
		shape,
		...(places === undefined
			? {}
			: {
					elements: places.map((place) =>
						place === undefined ? undefined : x.elements?.[place],
					),
				}),
	};
}

function sliceSize(
	whole: number,
	begin: number | undefined,
	size: number | undefined,
): number {
	if (size === undefined) return -1;
	if (size >= 0) return size;
	return whole < 0 || begin === undefined ? -1 : whole - begin;
}

function slicedElements(
	{ inputs: [x] }: InferContext,
	begin: number | undefined,
	size: number,
): Pick<ValueType, "elements"> {
	if (x.elements === undefined || begin === undefined || size < 0) return {};
	return { elements: x.elements.slice(begin, begin + size) };
}

function stridedSlice(context: InferContext): readonly ValueType[] {
	const { node, inputs } = context;
	const [x, begin] = inputs;
	const count =
		begin.shape?.[0] ?? inputs[2].shape?.[0] ?? inputs[3].shape?.[0] ?? -1;
	if (x.shape === undefined || count < 0)
		return [{ dtype: x.dtype, shape: undefined }];
	const items = sliceItems(node, count, x.shape.length);
	const bounds = {
		begin: elementsOf(context, 1),
		end: elementsOf(context, 2),
		strides: elementsOf(context, 3),
	};
	const shape = items.flatMap((item) => itemSizes(item, x.shape, bounds));
	return [{ dtype: x.dtype, shape, ...stridedElements(x, items, bounds) }];
}

interface Bounds {
	readonly begin: readonly (number | undefined)[] | undefined;
	readonly end: readonly (number | undefined)[] | undefined;
	readonly strides: readonly (number | undefined)[] | undefined;
}

function itemSizes(item: SliceItem, shape: Shape, bounds: Bounds): number[] {
	if (item.kind === "index") return [];
	if (item.kind === "new") return [1];
	const size = shape?.[item.axis] ?? -1;
	return [
		item.kind === "all" ? size : (rangeIn(item, size, bounds)?.count ?? -1),
	];
}

function rangeIn(
	item: Extract<SliceItem, { kind: "range" }>,
	size: number,
	{ begin, end, strides }: Bounds,
): { readonly start: number; readonly count: number } | undefined {
	const [from, to, stride] = [
		begin?.[item.at],
		end?.[item.at],
		strides?.[item.at],
	];
	if (
		stride === undefined ||
		(item.hasBegin && from === undefined) ||
		(item.hasEnd && to === undefined)
	)
		return undefined;
	if (size >= 0)
		return rangeOf(
			size,
			item.hasBegin ? from : undefined,
			item.hasEnd ? to : undefined,
			stride,
		);
	return undefined;
}

/** Known elements of a vector: one of them, or a run. */
function stridedElements(
	x: ValueType,
	items: readonly SliceItem[],
	bounds: Bounds,
): Pick<ValueType, "elements"> {
	const [item] = items;
	const { elements } = x;
	if (elements === undefined || x.shape?.length !== 1 || items.length !== 1)
		return {};
	if (item.kind === "all") return { elements };
	if (item.kind === "new") return {};
	if (item.kind === "index") {
		const at = bounds.begin?.[item.at];
		return at === undefined ? {} : { elements: [elements.at(at)] };
	}
	const range = rangeIn(item, elements.length, bounds);
	const stride = bounds.strides?.[item.at] ?? 1;
	return range === undefined
		? {}
		: {
				elements: Array.from(
					{ length: range.count },
					(_, i) => elements[range.start + i * stride],
				),
			};
}
