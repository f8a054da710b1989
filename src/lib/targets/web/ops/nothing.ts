import { isStatic } from "../../../ops/shapes.js";
import { DTYPES, type DType } from "../../../tensor/dtype.js";
import { unfit } from "../arithmetic.js";
import { int, type } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";
import { webStorage } from "../storage.js";

/** What a reduction of no elements is, by the type of the elements. */
export type Identity = (dtype: DType) => number;

export const ZERO: Identity = () => 0;
export const ONE: Identity = () => 1;
export const NOT_A_NUMBER: Identity = () => Number.NaN;

export const LEAST: Identity = (dtype) => {
	const { kind } = DTYPES[dtype];
	if (kind === "float" || kind === "half") return Number.NEGATIVE_INFINITY;
	return dtype.startsWith("u") ? 0 : -(2 ** (bitsOf(dtype) - 1));
};

export const MOST: Identity = (dtype) => {
	const { kind } = DTYPES[dtype];
	if (kind === "float" || kind === "half") return Number.POSITIVE_INFINITY;
	return 2 ** (bitsOf(dtype) - (dtype.startsWith("u") ? 0 : 1)) - 1;
};

function bitsOf(dtype: DType): number {
	return Number(/\d+/.exec(dtype)?.[0]);
}

/** The first output full of one number: TensorFlow.js takes what memory holds for the reduction of nothing. */
export function reducedNothing(
	context: WebContext,
	identity: Identity,
): WebValue {
	const { outputs, emit, scalar, ints } = context;
	const [{ dtype, shape }] = outputs;
	const value = identity(dtype);
	if (webStorage(dtype) === "int32" && value !== (value | 0))
		throw unfit(`TensorFlow.js holds no ${value} in an ${dtype}`);
	return emit(
		"Fill",
		[
			isStatic(shape) ? ints(shape) : shapeOfRest(context),
			scalar(value, dtype),
		],
		{ T: type(dtype) },
	);
}

/** The shape of a reduction, whose axes must be known. */
function shapeOfRest(context: WebContext): WebValue {
	const { node, inputs, constant, input, emit, ints } = context;
	const rank = inputs[0].shape?.length;
	const axes = constant(1);
	if (axes === undefined || rank === undefined)
		throw unfit("TensorFlow.js must know the shape of a reduction of nothing");
	const gone = new Set(
		Array.from(axes.data as Int32Array, (axis) => (Number(axis) + rank) % rank),
	);
	const places = Array.from({ length: rank }, (_, i) => i);
	const sizes = emit("Shape", [input(0)]);
	if (node.attrs.keep_dims !== true)
		return emit(
			"GatherV2",
			[sizes, ints(places.filter((i) => !gone.has(i))), ints([0])],
			{ batch_dims: int(0) },
		);
	const kept = places.map((i) => (gone.has(i) ? 0 : 1));
	return emit("Maximum", [
		emit("Mul", [sizes, ints(kept)]),
		ints(kept.map((k) => 1 - k)),
	]);
}
