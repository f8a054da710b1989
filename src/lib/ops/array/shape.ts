import { fail } from "../../errors.js";
import { dtypeAttr, intsAttr, shapeAttr } from "../../graph/attrs.js";
import type { DType } from "../../tensor/dtype.js";
import { elementCount, type Shape, showShape } from "../../tensor/tensor.js";
import {
	composite,
	type InferContext,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import {
	elementsOf,
	isStatic,
	mergeShapes,
	normalizeAxis,
	sameAsInput,
	shapeFromInput,
} from "../shapes.js";

/** Names for the same tensor, its shape, and other shapes for the same elements. */
export const shapeOps = {
	Identity: primitive(sameAsInput),
	IdentityN: primitive(({ inputs }) => inputs),
	Snapshot: primitive(sameAsInput),
	StopGradient: primitive(sameAsInput),
	PreventGradient: primitive(sameAsInput),
	/** The check itself is left out: a value that is not finite is returned as it is. */
	CheckNumerics: primitive(sameAsInput),
	CheckNumericsV2: composite(({ inputs }) => inputs),
	GuaranteeConst: composite(({ inputs }) => inputs),
	DeepCopy: composite(({ inputs }) => inputs),
	Copy: composite(({ inputs }) => inputs),
	CopyHost: composite(({ inputs }) => inputs),
	DebugIdentity: composite(({ inputs }) => inputs),
	DebugIdentityV2: composite(({ inputs }) => inputs),
	DebugGradientIdentity: composite(({ inputs }) => inputs),
	Print: composite(({ inputs: [x] }) => [x]),
	EnsureShape: primitive(({ node, inputs: [x] }) => [
		{ ...x, shape: mergeShapes(x.shape, shapeAttr(node, "shape")) },
	]),

	Shape: primitive(({ node, inputs: [x] }) => [
		shapeVector(x.shape, dtypeAttr(node, "out_type")),
	]),
	ShapeN: composite(({ node, inputs, add }) =>
		inputs.map((input) =>
			add("Shape", [input], { T: node.attrs.T, out_type: node.attrs.out_type }),
		),
	),
	Rank: primitive(({ inputs: [x] }) => [
		{ dtype: "int32", shape: [], elements: [x.shape?.length] },
	]),
	Size: primitive(({ node, inputs: [x] }) => [
		{
			dtype: dtypeAttr(node, "out_type"),
			shape: [],
			elements: [
				isStatic(x.shape) ? x.shape.reduce((a, b) => a * b, 1) : undefined,
			],
		},
	]),

	Reshape: primitive((context) => [
		{
			...keptElements(context),
			dtype: context.inputs[0].dtype,
			shape: reshaped(context),
		},
	]),
	ExpandDims: primitive((context) => [
		{
			...keptElements(context),
			dtype: context.inputs[0].dtype,
			shape: expanded(context),
		},
	]),
	Squeeze: primitive((context) => [
		{
			...keptElements(context),
			dtype: context.inputs[0].dtype,
			shape: squeezed(
				context.inputs[0].shape,
				intsAttr(context.node, "squeeze_dims"),
			),
		},
	]),
} as const satisfies Record<string, OpEntry>;

function shapeVector(shape: Shape, dtype: DType): ValueType {
	if (shape === undefined) return { dtype, shape: [-1] };
	return {
		dtype,
		shape: [shape.length],
		elements: shape.map((size) => (size < 0 ? undefined : size)),
	};
}

/** The same elements under another shape. */
function keptElements({
	inputs: [x],
}: InferContext): Pick<ValueType, "elements"> {
	return x.elements === undefined ? {} : { elements: x.elements };
}

function reshaped(context: InferContext): Shape {
	const wanted = shapeFromInput(context, 1);
	const given = context.inputs[0].shape;
	return wanted === undefined || !isStatic(given)
		? wanted
		: reshapedShape(given, wanted);
}

/**
 * The sizes that a reshape gives: one that is -1 follows from the others, where sizes of 0 on both sides do not count
 * (reshape_op.h); more of them are not known. Fails with INVALID where the elements do not fit.
 */
export function reshapedShape(
	given: readonly number[],
	wanted: readonly number[],
): readonly number[] {
	const open = wanted.filter((size) => size < 0).length;
	const counts = (size: number) => size > 0 || !wanted.includes(0);
	const product = (sizes: readonly number[]) =>
		sizes.filter(counts).reduce((a, b) => a * b, 1);
	const known = product(wanted.filter((size) => size >= 0));
	const rest = product(given) / known;
	const shape =
		open === 1 ? wanted.map((size) => (size < 0 ? rest : size)) : wanted;
	const fits =
		open > 1 ||
		(shape.every(Number.isInteger) &&
			elementCount(shape) === elementCount(given));
	if (!fits)
		throw fail(
			"INVALID",
			`cannot reshape ${showShape(given)} to ${showShape(wanted)}: ${elementCount(given)} elements do not fit`,
		);
	return shape;
}

function expanded(context: InferContext): Shape {
	const shape = context.inputs[0].shape;
	const axis = elementsOf(context, 1)?.[0];
	if (shape === undefined) return undefined;
	if (axis === undefined) return new Array<number>(shape.length + 1).fill(-1);
	return shape.toSpliced(normalizeAxis(axis, shape.length + 1), 0, 1);
}

/** Without axes every size of 1 goes, which needs them all known. */
function squeezed(shape: Shape, axes: readonly number[]): Shape {
	if (shape === undefined) return undefined;
	if (axes.length === 0)
		return isStatic(shape) ? shape.filter((size) => size !== 1) : undefined;
	const dropped = new Set(
		axes.map((axis) => normalizeAxis(axis, shape.length)),
	);
	for (const axis of dropped)
		if (shape[axis] >= 0 && shape[axis] !== 1)
			throw fail(
				"INVALID",
				`cannot squeeze axis ${axis} of ${showShape(shape)}: its size is ${shape[axis]}, not 1`,
			);
	return shape.filter((_, axis) => !dropped.has(axis));
}
