import {
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";

const parts: InferRule = ({ inputs: [re] }) => [
	withoutElements(re),
	withoutElements(re),
];

const half: InferRule = ({ inputs: [x] }) => {
	const size = x.shape?.at(-1) ?? -1;
	const count = size < 0 ? -1 : Math.floor(size / 2) + 1;
	const shape = x.shape?.with(-1, count);
	return [
		{ dtype: x.dtype, shape },
		{ dtype: x.dtype, shape },
	];
};

function withoutElements({ dtype, shape }: ValueType): ValueType {
	return { dtype, shape };
}

/**
 * Transforms of numbers whose real and imaginary parts are two tensors, along the last axis: what `FFT` and its kin become
 * where there are no complex numbers (passes/complex.ts). `_RealFourier` is of real numbers, and gives the first half.
 */
export const fourierOps = {
	_Fourier: primitive(parts),
	_RealFourier: primitive(half),
} as const satisfies Record<string, OpEntry>;
