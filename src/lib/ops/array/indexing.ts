import { intAttr } from "../../graph/attrs.js";
import { gatherAxis } from "../../tensor/axis.js";
import type { Tensor } from "../../tensor/tensor.js";
import {
	composite,
	type ExpandContext,
	type InferContext,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { movement } from "../movement.js";
import {
	elementsOf,
	isStatic,
	knownElements,
	mergeShapes,
	normalizeAxis,
} from "../shapes.js";
import { movedElements } from "./places.js";

/** Ops that pick elements by their indices. Indices that are not there fail when they are used, negative ones too. */
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
		const depth = indices.shape?.at(-1) ?? -1;
		return [
			{
				dtype: x.dtype,
				shape:
					x.shape === undefined || indices.shape === undefined || depth < 0
						? undefined
						: [...indices.shape.slice(0, -1), ...x.shape.slice(depth)],
			},
		];
	}),
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
	UnravelIndex: composite((context) => [unravelled(context)]),
	/** What of `x` is not in `y`, in order, and where it was. */
	ListDiff: composite((context) => {
		const { add, inputs, types, node } = context;
		const [x, y] = inputs;
		const { expand, reshape, gather, ints } = movement(context);
		const isSame = add("Equal", [expand(x, 1), expand(y, 0)], {
			T: types[0].dtype,
			incompatible_shape_error: true,
		});
		const isIn = add("Any", [isSame, context.scalar("int32", 1)], {
			Tidx: "int32",
			keep_dims: false,
		});
		const rest = add("Where", [add("LogicalNot", [isIn])], { T: "bool" });
		const places = reshape(rest, ints([-1]));
		return [
			gather(x, places, 0),
			add("Cast", [places], {
				SrcT: "int64",
				DstT: node.attrs.out_idx,
				Truncate: false,
			}),
		];
	}),
} as const satisfies Record<string, OpEntry>;

/** The slices at `indices`, of any shape, along an axis. */
export function gatheredAlong(
	x: Tensor,
	axis: number,
	indices: Pick<Tensor, "shape" | "data">,
): Tensor {
	const places = Array.from(indices.data as ArrayLike<number | bigint>, Number);
	return {
		...gatherAxis(x, axis, places),
		shape: x.shape.toSpliced(axis, 1, ...indices.shape),
	};
}

function gathered(context: InferContext): ValueType {
	const [x, indices] = context.inputs;
	const axis = knownElements(context, 2)?.[0];
	const { dtype } = x;
	if (x.shape === undefined || indices.shape === undefined)
		return { dtype, shape: undefined };
	const batch = batchDims(context, indices.shape);
	const rank = x.shape.length + indices.shape.length - batch - 1;
	if (axis === undefined)
		return { dtype, shape: new Array<number>(Math.max(rank, 0)).fill(-1) };
	const at = normalizeAxis(axis, x.shape.length);
	return {
		dtype,
		shape: [
			...(mergeShapes(x.shape.slice(0, batch), indices.shape.slice(0, batch)) ??
				[]),
			...x.shape.slice(batch, at),
			...indices.shape.slice(batch),
			...x.shape.slice(at + 1),
		],
		...(batch === 0 ? gatheredElements(context, at) : {}),
	};
}

function batchDims({ node }: InferContext, indices: readonly number[]): number {
	const batch = intAttr(node, "batch_dims");
	return batch < 0 ? batch + indices.length : batch;
}

function gatheredElements(
	context: InferContext,
	axis: number,
): Pick<ValueType, "elements"> {
	const [x, { shape }] = context.inputs;
	const indices = knownElements(context, 1);
	const size = x.shape?.[axis] ?? -1;
	if (
		indices === undefined ||
		!isStatic(shape) ||
		indices.some((index) => index < 0 || index >= size)
	)
		return {};
	return movedElements(context, [0], ([places]) =>
		gatheredAlong(places, axis, { shape, data: Int32Array.from(indices) }),
	);
}

/** For each axis of `dims` a row of coordinates; the flat index counts row by row. */
function unravelled(context: ExpandContext): string {
	const { add, inputs, types } = context;
	const { part, joined, int64, expand, reshape, ints } = movement(context);
	const [indices, dims] = inputs;
	const T = types[0].dtype;
	const sizes = int64(dims, T);
	const strides = add(
		"Cumprod",
		[joined(part(sizes, 1), 1), context.scalar("int32", 0)],
		{ T: "int64", Tidx: "int32", exclusive: false, reverse: true },
	);
	const column = (vector: string) =>
		types[0].shape?.length === 0 ? vector : reshape(vector, ints([-1, 1]));
	const binary = (op: string, a: string, b: string) =>
		add(op, [a, b], { T: "int64" });
	const rows =
		types[0].shape?.length === 0
			? int64(indices, T)
			: expand(int64(indices, T), 0);
	const coordinates = binary(
		"FloorMod",
		binary("FloorDiv", rows, column(strides)),
		column(sizes),
	);
	return T === "int64"
		? coordinates
		: add("Cast", [coordinates], { SrcT: "int64", DstT: T, Truncate: false });
}
