import { dtypeAttr, intsAttr, shapeAttr } from "../../graph/attrs.js";
import { reshapedShape, type shapeOps } from "../../ops/array/shape.js";
import { mergeShapes, normalizeAxis } from "../../ops/shapes.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { integers } from "./integers.js";

const same: HostKernel = (_, inputs) => inputs;

const ensureShape: HostKernel = (node, [x]) => {
	mergeShapes(x.shape, shapeAttr(node, "shape"));
	return [x];
};

/** The same elements under another shape; one -1 takes what is left. Fails with INVALID where they do not fit. */
export function reshaped(x: Tensor, wanted: readonly number[]): Tensor {
	return { ...x, shape: reshapedShape(x.shape, wanted) };
}

const expandDims: HostKernel = (_, [x, axis]) => {
	const at = normalizeAxis(integers(axis)[0], x.shape.length + 1);
	return [{ ...x, shape: x.shape.toSpliced(at, 0, 1) }];
};

const squeeze: HostKernel = (node, [x]) => {
	const listed = intsAttr(node, "squeeze_dims").map((axis) =>
		normalizeAxis(axis, x.shape.length),
	);
	const isDropped = (size: number, axis: number) =>
		listed.length === 0 ? size === 1 : listed.includes(axis);
	const shape = x.shape.filter((size, axis) => !isDropped(size, axis));
	return [reshaped(x, shape)];
};

export const shapeKernels: HostTable<typeof shapeOps> = {
	Identity: same,
	IdentityN: same,
	Snapshot: same,
	StopGradient: same,
	PreventGradient: same,
	CheckNumerics: same,
	EnsureShape: ensureShape,
	Shape: (node, [x]) => [
		tensorFromNumbers(dtypeAttr(node, "out_type"), [x.shape.length], x.shape),
	],
	Rank: (_, [x]) => [tensorFromNumbers("int32", [], [x.shape.length])],
	Size: (node, [x]) => [
		tensorFromNumbers(dtypeAttr(node, "out_type"), [], [elementCount(x.shape)]),
	],
	Reshape: (_, [x, shape]) => [reshaped(x, integers(shape))],
	ExpandDims: expandDims,
	Squeeze: squeeze,
};
