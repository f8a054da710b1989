import { boolAttr, dtypeAttr, intAttr } from "../graph/attrs.js";
import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/tensor.js";
import {
	composite,
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "./define.js";
import { elementsOf, knownElements, normalizeAxis } from "./shapes.js";

/** What is left of a shape when `axes` are reduced. */
export function reducedShape(
	shape: Shape,
	axes: readonly number[] | undefined,
	keepDims: boolean,
): Shape {
	if (shape === undefined) return undefined;
	if (axes === undefined) return keepDims ? shape.map(() => -1) : undefined;
	const reduced = new Set(
		axes.map((axis) => normalizeAxis(axis, shape.length)),
	);
	return shape.flatMap((size, axis) =>
		reduced.has(axis) ? (keepDims ? [1] : []) : [size],
	);
}

function reduction(
	combine?: (elements: readonly number[]) => number,
): InferRule {
	return (context) => {
		const { node, inputs } = context;
		const type: ValueType = {
			dtype: inputs[0].dtype,
			shape: reducedShape(
				inputs[0].shape,
				knownElements(context, 1),
				boolAttr(node, "keep_dims"),
			),
		};
		const elements =
			combine === undefined
				? undefined
				: combinedElements(context, type, combine);
		return [elements === undefined ? type : { ...type, elements }];
	};
}

/** A vector of known integers that is reduced to one: sizes multiplied to a count. */
function combinedElements(
	context: InferContext,
	{ shape }: ValueType,
	combine: (elements: readonly number[]) => number,
): readonly (number | undefined)[] | undefined {
	if (context.inputs[0].elements === undefined || shape?.length !== 0)
		return undefined;
	const elements = elementsOf(context, 0);
	if (elements === undefined) return undefined;
	return [
		elements.every((element) => element !== undefined)
			? combine(elements as readonly number[])
			: undefined,
	];
}

const sum = (elements: readonly number[]) =>
	elements.reduce((a, b) => a + b, 0);
const product = (elements: readonly number[]) =>
	elements.reduce((a, b) => a * b, 1);

const position: InferRule = (context) => [
	{
		dtype: dtypeAttr(context.node, "output_type"),
		shape: reducedShape(
			context.inputs[0].shape,
			knownElements(context, 1),
			false,
		),
	},
];

const scan = primitive(({ inputs: [{ dtype, shape }] }) => [{ dtype, shape }]);

function topK(
	values: ValueType,
	k: number,
	indices: DType,
): readonly ValueType[] {
	const shape =
		values.shape === undefined ? undefined : [...values.shape.slice(0, -1), k];
	return [
		{ dtype: values.dtype, shape },
		{ dtype: indices, shape },
	];
}

/** Ops that make fewer elements of many, or look at elements in their order. */
export const reduceOps = {
	Sum: primitive(reduction(sum)),
	Prod: primitive(reduction(product)),
	Max: primitive(reduction((elements) => Math.max(...elements))),
	Min: primitive(reduction((elements) => Math.min(...elements))),
	Mean: primitive(reduction()),
	EuclideanNorm: primitive(reduction()),
	All: primitive(reduction()),
	Any: primitive(reduction()),
	L2Loss: composite(
		({ inputs: [x], types: [{ dtype }], node, add, scalar }) => {
			const squares = add("Mul", [x, x], node.attrs);
			const flat = add("Reshape", [squares, scalarVector(add, scalar)], {
				T: dtype,
				Tshape: "int32",
			});
			const total = add("Sum", [flat, scalar("int32", 0)], {
				T: dtype,
				Tidx: "int32",
				keep_dims: false,
			});
			return [add("Mul", [total, scalar(dtype, 0.5)], node.attrs)];
		},
	),
	ArgMax: primitive(position),
	ArgMin: primitive(position),
	Cumsum: scan,
	TopK: primitive(({ node, inputs: [values] }) =>
		topK(values, intAttr(node, "k"), "int32"),
	),
	TopKV2: primitive((context) =>
		topK(
			context.inputs[0],
			elementsOf(context, 1)?.[0] ?? -1,
			(context.node.attrs.index_type as DType | undefined) ?? "int32",
		),
	),
	Unique: primitive(({ node, inputs: [x] }) => [
		{ dtype: x.dtype, shape: [-1] },
		{ dtype: dtypeAttr(node, "out_idx"), shape: x.shape },
	]),
} as const satisfies Record<string, OpEntry>;

type Add = (
	op: string,
	inputs: readonly string[],
	attrs: Readonly<Record<string, string | number>>,
) => string;

/** The shape [-1], which flattens. */
function scalarVector(
	add: Add,
	scalar: (dtype: DType, value: number) => string,
): string {
	return add("ExpandDims", [scalar("int32", -1), scalar("int32", 0)], {
		T: "int32",
		Tdim: "int32",
	});
}
