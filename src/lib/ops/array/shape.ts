import { fail } from "../../errors.js";
import { dtypeAttr, intsAttr, shapeAttr } from "../../graph/attrs.js";
import type { DType } from "../../tensor/dtype.js";
import { type Shape, showShape } from "../../tensor/tensor.js";
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

/** One unknown size follows from the others where the number of elements is known. */
function reshaped(context: InferContext): Shape {
	const wanted = shapeFromInput(context, 1);
	const given = context.inputs[0].shape;
	if (wanted === undefined || !isStatic(given)) return wanted;
	const count = given.reduce((a, b) => a * b, 1);
	const known = wanted.filter((size) => size >= 0).reduce((a, b) => a * b, 1);
	const open = wanted.filter((size) => size < 0).length;
	const rest = open === 0 ? 1 : count / known;
	if (open === 0 ? known !== count : known !== 0 && !Number.isInteger(rest))
		throw fail(
			"INVALID",
			`cannot reshape ${showShape(given)} to ${showShape(wanted)}: ${count} elements do not fit`,
		);
	return open === 1 && known > 0
		? wanted.map((size) => (size < 0 ? rest : size))
		: wanted;
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
