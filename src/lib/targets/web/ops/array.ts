import { intAttr, shapeAttr, stringAttr } from "../../../graph/attrs.js";
import type { Node } from "../../../graph/ir.js";
import type { arrayOps } from "../../../ops/array.js";
import { isStatic } from "../../../ops/shapes.js";
import { unfit } from "../arithmetic.js";
import { int, ints, text, type } from "../attrs.js";
import type { WebLowering, WebTable } from "../lowering.js";
import { narrowStorage } from "../storage.js";
import type { WebAttrs } from "../topology.js";
import { channelsLast } from "./channels.js";
import { countTo, sizeOf } from "./counting.js";
import { integers, passed, same, withAttrs } from "./rows.js";
import { scatter, scatterAdd } from "./scatter.js";
import { stridedSlice } from "./strided-slice.js";

/** Its places are compared with those of the new axis: TensorFlow.js puts that last, and makes int32 of two places or more. */
const oneHot: WebLowering = (context) => {
	const { node, inputs, input, emit, scalar, ints: vector } = context;
	const axis = intAttr(node, "axis");
	const rank = inputs[0].shape?.length;
	const isLast = axis === -1 || axis === rank;
	if (!isLast && rank === undefined)
		throw unfit("TensorFlow.js must know how many axes the indices have");
	const places = countTo(context, input(1));
	const behind = isLast ? 0 : (rank ?? 0) - axis;
	const marks = emit("Equal", [
		emit("ExpandDims", [input(0), scalar(isLast ? -1 : axis)]),
		behind === 0
			? places
			: emit("Reshape", [
					places,
					vector([-1, ...new Array<number>(behind).fill(1)]),
				]),
	]);
	return emit("SelectV2", [marks, input(2), input(3)], {
		T: type(inputs[2].dtype),
	});
};

/** A scalar has no axis to pad. */
const padded: WebLowering = (context) =>
	(context.inputs[0].shape?.length === 0 ? passed : same())(context);

const spaceToDepth: WebLowering = ({ node, inputs, input, emit, ints }) => {
	const block = intAttr(node, "block_size");
	const { shape } = inputs[0];
	if (stringAttr(node, "data_format") !== "NHWC")
		throw unfit("it is written channels last only");
	if (shape === undefined || !isStatic(shape.slice(1)))
		throw unfit("TensorFlow.js must know the size of the picture");
	const [, height, width, channels] = shape;
	const rows = height / block;
	const columns = width / block;
	const blocks = emit("Reshape", [
		input(0),
		ints([-1, rows, block, columns, block, channels]),
	]);
	return emit("Reshape", [
		emit("Transpose", [blocks, ints([0, 1, 3, 2, 4, 5])]),
		ints([-1, rows, columns, block * block * channels]),
	]);
};

/** TensorFlow.js does it with floats; anything else is moved axis by axis. */
const depthToSpace: WebLowering = (context) => {
	const { node, inputs, input, emit, ints } = context;
	const block = intAttr(node, "block_size");
	if (narrowStorage(inputs[0].dtype) === "float32")
		return emit("DepthToSpace", [input(0)], {
			block_size: int(block),
			data_format: text(stringAttr(node, "data_format")),
		});
	const [made] = channelsLast(context, 0, (picture, last) => {
		const { shape } = inputs[0];
		const [, height, width, channels] = shape === undefined ? [] : last(shape);
		if (!isStatic([height, width, channels]))
			throw unfit("TensorFlow.js must know the size of the picture");
		const depth = channels / (block * block);
		const blocks = emit("Reshape", [
			picture,
			ints([-1, height, width, block, block, depth]),
		]);
		return [
			emit("Reshape", [
				emit("Transpose", [blocks, ints([0, 1, 3, 2, 4, 5])]),
				ints([-1, height * block, width * block, depth]),
			]),
		];
	});
	return made;
};

/** Axis by axis, what stands so many places before. */
const rolled: WebLowering = (context) => {
	const { input, constant, emit, ints: vector, scalar } = context;
	const axes = constant(2);
	if (axes === undefined)
		throw unfit("TensorFlow.js must know which axes are rolled");
	const shifts = emit("Reshape", [input(1), vector([-1])]);
	const plain = { batch_dims: int(0) };
	return Array.from(axes.data as Int32Array, Number).reduce(
		(value, axis, i) => {
			const size = sizeOf(context, value, axis);
			const shift = emit("GatherV2", [shifts, scalar(i), scalar(0)], plain);
			const places = emit("FloorMod", [
				emit("Sub", [countTo(context, size), shift]),
				emit("Maximum", [size, scalar(1)]),
			]);
			return emit("GatherV2", [value, places, scalar(axis)], plain);
		},
		input(0),
	);
};

/** TensorFlow.js wants the shape as an input. */
const ensureShape: WebLowering = (context) => {
	const dims = shapeAttr(context.node, "shape");
	if (dims === undefined || !isStatic(dims)) return passed(context);
	return context.emit("EnsureShape", [context.input(0), context.ints(dims)]);
};

const castSizes =
	(attr: string) =>
	(node: Node): WebAttrs =>
		typeof node.attrs[attr] === "string"
			? { [attr]: type(node.attrs[attr] as "int32") }
			: {};

export const arrayRows: WebTable<typeof arrayOps> = {
	Identity: passed,
	IdentityN: passed,
	Snapshot: passed,
	StopGradient: passed,
	PreventGradient: passed,
	CheckNumerics: passed,
	EnsureShape: ensureShape,
	Shape: same(),
	Rank: same(),
	Size: same(),
	Reshape: same(),
	ExpandDims: same(),
	Squeeze: withAttrs((node) => ({
		axis: ints((node.attrs.squeeze_dims ?? []) as readonly number[]),
	})),
	Transpose: same(),
	Tile: same(),
	ReverseV2: same(),
	Roll: rolled,
	ConcatV2: withAttrs(integers("N")),
	Pack: withAttrs(integers("axis")),
	Unpack: withAttrs(integers("axis")),
	Split: withAttrs(integers("num_split")),
	SplitV: same(),
	Slice: same(),
	StridedSlice: stridedSlice,
	GatherV2: withAttrs(integers("batch_dims")),
	GatherNd: same(),
	OneHot: oneHot,
	Where: same(),
	ScatterNd: scatter,
	TensorScatterUpdate: same(),
	TensorScatterAdd: scatterAdd,
	Fill: withAttrs(castSizes("T")),
	ZerosLike: same(),
	OnesLike: same(),
	Range: withAttrs(castSizes("Tidx")),
	LinSpace: same(),
	BroadcastTo: same(),
	BroadcastArgs: same(),
	Pad: padded,
	PadV2: padded,
	MirrorPad: withAttrs((node) => ({ mode: text(stringAttr(node, "mode")) })),
	SpaceToBatchND: same(),
	BatchToSpaceND: same(),
	SpaceToDepth: spaceToDepth,
	DepthToSpace: depthToSpace,
};
