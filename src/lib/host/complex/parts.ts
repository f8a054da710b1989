import { dtypeAttr } from "../../graph/attrs.js";
import { broadcast } from "../../ops/shapes.js";
import { DTYPES, type DType, type NumericArray } from "../../tensor/dtype.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import { eachRow } from "../broadcast.js";
import { numbersOf } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";
import { converted } from "../math/converted.js";

/** Complex numbers of two real tensors that broadcast. */
export const complexOfParts: HostKernel = (node, [real, imaginary]) => {
	const dtype = dtypeAttr(node, "Tout");
	const shape = broadcast(real.shape, imaginary.shape) as readonly number[];
	const data = allocate(dtype, elementCount(shape)) as NumericArray;
	const [re, im] = [real.data as NumericArray, imaginary.data as NumericArray];
	eachRow(
		shape,
		[real.shape, imaginary.shape],
		(at, length, [i, j], [stepI, stepJ]) => {
			for (let k = 0; k < length; k++) {
				data[2 * (at + k)] = re[i + k * stepI];
				data[2 * (at + k) + 1] = im[j + k * stepJ];
			}
		},
	);
	return [{ dtype, shape, data }];
};

/** A real number of each complex one. */
function real(compute: (a: number, b: number) => number): HostKernel {
	return (node, [x]) => [realPart(x, dtypeAttr(node, "Tout"), compute)];
}

function realPart(
	{ shape, data }: Tensor,
	dtype: DType,
	compute: (a: number, b: number) => number,
): Tensor {
	const values = data as NumericArray;
	const results = allocate(dtype, values.length / 2) as NumericArray;
	for (let i = 0; i < results.length; i++)
		results[i] = compute(values[2 * i], values[2 * i + 1]);
	return { dtype, shape, data: results };
}

/** Real numbers get no imaginary part, and complex ones lose theirs. */
export const complexCast: HostKernel = (node, [x]) => {
	const dtype = dtypeAttr(node, "DstT");
	const [from, to] = [DTYPES[x.dtype].kind, DTYPES[dtype].kind];
	const { shape } = x;
	if (x.dtype === dtype) return [x];
	if (from !== "complex") {
		const numbers = numbersOf(x);
		const data = allocate(dtype, numbers.length) as NumericArray;
		for (let i = 0; i < numbers.length; i++) data[2 * i] = Number(numbers[i]);
		return [{ dtype, shape, data }];
	}
	if (to === "complex") {
		const data = allocate(dtype, x.data.length / 2) as NumericArray;
		data.set(x.data as NumericArray);
		return [{ dtype, shape, data }];
	}
	const worked = x.dtype === "complex64" ? "float32" : "float64";
	const parts = realPart(x, worked, (a) => a);
	return [{ dtype, shape, data: converted(parts.data as NumericArray, dtype) }];
};

export const complexParts: Readonly<Record<string, HostKernel>> = {
	Complex: complexOfParts,
	Real: real((a) => a),
	Imag: real((_, b) => b),
	ComplexAbs: real((a, b) => magnitude(a, b)),
	Angle: real((a, b) => Math.atan2(b, a)),
	Cast: complexCast,
};

/** `Math.hypot` takes many times as long; it is left what might overflow or vanish in between. */
function magnitude(a: number, b: number): number {
	const square = a * a + b * b;
	return square > 1e-280 && square < 1e280
		? Math.sqrt(square)
		: Math.hypot(a, b);
}
