import { dtypeAttr } from "../../graph/attrs.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	composite,
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import { sameType } from "../math/unary.js";
import { elementsOf } from "../shapes.js";

const same = primitive(sameType);

/** The last axes get the lengths in input 1, the last of them through `last`. */
function resized(
	context: InferContext,
	rank: number,
	dtype: DType,
	last: (size: number) => number,
): ReturnType<InferRule> {
	const { shape } = context.inputs[0];
	if (shape === undefined) return [{ dtype, shape }];
	const lengths =
		elementsOf(context, 1) ?? new Array<undefined>(rank).fill(undefined);
	const sizes: Shape = lengths.map((size, i) => {
		if (size === undefined) return -1;
		return i === rank - 1 ? last(size) : size;
	});
	return [{ dtype, shape: [...shape.slice(0, -rank), ...sizes] }];
}

function fromReal(rank: number) {
	return primitive((context) =>
		resized(context, rank, dtypeAttr(context.node, "Tcomplex"), halfOf),
	);
}

function toReal(rank: number) {
	return primitive((context) =>
		resized(context, rank, dtypeAttr(context.node, "Treal"), (size) => size),
	);
}

/** The axes in input 2 get the lengths in input 1, the last of them through `last`. */
function alongAxes(
	attr: string | undefined,
	last: (size: number) => number = (size) => size,
) {
	const infer: InferRule = (context) => {
		const { node, inputs } = context;
		const dtype = attr === undefined ? inputs[0].dtype : dtypeAttr(node, attr);
		const { shape } = inputs[0];
		if (shape === undefined) return [{ dtype, shape }];
		const [lengths, axes] = [elementsOf(context, 1), elementsOf(context, 2)];
		const sizes: number[] = [...shape];
		if (axes === undefined || axes.includes(undefined)) sizes.fill(-1);
		for (const [i, axis] of (axes ?? []).entries()) {
			if (axis === undefined) continue;
			const size = lengths?.[i] ?? -1;
			const isLast = i === (axes?.length ?? 0) - 1 && size >= 0;
			sizes[axis < 0 ? axis + sizes.length : axis] = isLast ? last(size) : size;
		}
		return [{ dtype, shape: sizes }];
	};
	return primitive(infer);
}

/** How many numbers of a symmetric spectrum say all. */
function halfOf(size: number): number {
	return size === 0 ? 0 : Math.floor(size / 2) + 1;
}

/** Older names of transforms of complex64. */
function alias(op: string) {
	return composite(({ inputs, add }) => [
		add(op, inputs, { Tcomplex: "complex64" }),
	]);
}

/** Fourier transforms. */
export const spectrumOps = {
	FFT: same,
	FFT2D: same,
	FFT3D: same,
	IFFT: same,
	IFFT2D: same,
	IFFT3D: same,
	RFFT: fromReal(1),
	RFFT2D: fromReal(2),
	RFFT3D: fromReal(3),
	IRFFT: toReal(1),
	IRFFT2D: toReal(2),
	IRFFT3D: toReal(3),
	FFTND: alongAxes(undefined),
	IFFTND: alongAxes(undefined),
	RFFTND: alongAxes("Tcomplex", halfOf),
	IRFFTND: alongAxes("Treal"),
	BatchFFT: alias("FFT"),
	BatchFFT2D: alias("FFT2D"),
	BatchFFT3D: alias("FFT3D"),
	BatchIFFT: alias("IFFT"),
	BatchIFFT2D: alias("IFFT2D"),
	BatchIFFT3D: alias("IFFT3D"),
} as const satisfies Record<string, OpEntry>;
