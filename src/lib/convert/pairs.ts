import { isComplex, partType } from "../passes/complex/pair.js";
import { convertTensor } from "../tensor/convert.js";
import type { DType } from "../tensor/dtype.js";
import type { Tensor } from "../tensor/tensor.js";

/** Complex numbers lie in memory as files without them are fed: real part, imaginary part. */
export function asPairs(tensor: Tensor): Tensor {
	const { dtype, shape } = tensor;
	if (!isComplex(dtype)) return tensor;
	return { ...tensor, dtype: partType(dtype), shape: [...shape, 2] };
}

/** Back, to a type that a port of the source has. */
export function ofPairs(tensor: Tensor, dtype: DType): Tensor {
	if (!isComplex(dtype)) return convertTensor(tensor, dtype);
	const parts = convertTensor(tensor, partType(dtype));
	return { ...parts, dtype, shape: parts.shape.slice(0, -1) };
}

/** What users should know of a port whose complex numbers became pairs. */
export function pairedNote(side: "inputs" | "outputs", name: string): string {
	return `${side.slice(0, -1)} "${name}" is complex: it has a last axis of 2, real part and imaginary part`;
}
