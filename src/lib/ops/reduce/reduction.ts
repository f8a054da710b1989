import { boolAttr, dtypeAttr } from "../../graph/attrs.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	composite,
	type ExpandContext,
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { formula } from "../formula.js";
import { withElements } from "../math/elements.js";
import { knownElements, normalizeAxis } from "../shapes.js";

type Combine = (elements: readonly number[]) => number;

const sum: Combine = (elements) => elements.reduce((a, b) => a + b, 0);
const product: Combine = (elements) => elements.reduce((a, b) => a * b, 1);
const largest: Combine = (elements) => Math.max(...elements);
const smallest: Combine = (elements) => Math.min(...elements);

/** Ops that make one element of many, along axes that input 1 names; no axes mean no reduction. */
export const reductionOps = {
	Sum: primitive(reduction(sum)),
	Prod: primitive(reduction(product)),
	Max: primitive(reduction(largest)),
	Min: primitive(reduction(smallest)),
	Mean: primitive(reduction()),
	EuclideanNorm: primitive(reduction()),
	All: primitive(reduction()),
	Any: primitive(reduction()),
	L2Loss: composite(expandL2Loss),
	ArgMax: primitive(position),
	ArgMin: primitive(position),
} as const satisfies Record<string, OpEntry>;

/** What is left of a shape when `axes` are reduced; without known axes at least their number may be known. */
export function reducedShape(
	shape: Shape,
	axes: readonly number[] | undefined,
	keepDims: boolean,
	axisCount?: number,
): Shape {
	if (shape === undefined) return undefined;
	if (axes === undefined) {
		if (keepDims) return shape.map((size) => (size === 1 ? 1 : -1));
		return axisCount === undefined || axisCount < 0
			? undefined
			: new Array<number>(Math.max(shape.length - axisCount, 0)).fill(-1);
	}
	const reduced = new Set(
		axes.map((axis) => normalizeAxis(axis, shape.length)),
	);
	return shape.flatMap((size, axis) =>
		reduced.has(axis) ? (keepDims ? [1] : []) : [size],
	);
}

function reduction(combine?: Combine): InferRule {
	return (context) => {
		const [{ dtype, shape, elements }] = context.inputs;
		const axes = knownElements(context, 1);
		const type: ValueType = {
			dtype,
			shape: reducedShape(
				shape,
				axes,
				boolAttr(context.node, "keep_dims"),
				axisCount(context),
			),
		};
		if (
			combine === undefined ||
			elements === undefined ||
			axes === undefined ||
			(shape?.length ?? 2) > 1
		)
			return [type];
		return [withElements(type, combined(elements, axes, combine))];
	};
}

/** A vector reduced to one element, or left as it is by no axes: sizes multiplied to a count. */
function combined(
	elements: readonly (number | undefined)[],
	axes: readonly number[],
	combine: Combine,
): readonly (number | undefined)[] {
	if (axes.length === 0) return elements;
	return elements.every((element) => element !== undefined)
		? [combine(elements as readonly number[])]
		: [undefined];
}

function axisCount({ inputs: [, axes] }: InferContext): number | undefined {
	if (axes.shape === undefined) return undefined;
	return axes.shape.length === 0 ? 1 : axes.shape[0];
}

function position(context: InferContext): readonly ValueType[] {
	const [{ shape }] = context.inputs;
	return [
		{
			dtype: dtypeAttr(context.node, "output_type"),
			shape: reducedShape(shape, knownElements(context, 1), false, 1),
		},
	];
}

/** Half the sum of squares. */
function expandL2Loss(context: ExpandContext): readonly string[] {
	const [x] = context.inputs;
	const { dtype } = context.types[0];
	const { mul, of } = formula(context, dtype);
	const { add, scalar } = context;
	const everything = add(
		"ExpandDims",
		[scalar("int32", -1), scalar("int32", 0)],
		{
			T: "int32",
			Tdim: "int32",
		},
	);
	const flat = add("Reshape", [of("Square", x), everything], {
		T: dtype,
		Tshape: "int32",
	});
	const total = add("Sum", [flat, scalar("int32", 0)], {
		T: dtype,
		Tidx: "int32",
		keep_dims: false,
	});
	return [mul(total, 0.5)];
}
