import { fail } from "../../errors.js";
import {
	boolAttr,
	dtypeAttr,
	intsAttr,
	stringAttr,
} from "../../graph/attrs.js";
import { broadcast } from "../../ops/shapes.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { eachRow } from "../broadcast.js";
import type { HostKernel } from "../kernel.js";
import {
	limitsOf,
	productRange,
	rangeOf,
	rangeTensors,
	unclamped,
} from "./range.js";

/** Two tensors of integers, what of them stands for zero, and what their products stand for. */
function factors([a, b, lowA, highA, lowB, highB]: readonly Tensor[]) {
	const ranges = [rangeOf(lowA, highA), rangeOf(lowB, highB)] as const;
	const limits = [limitsOf(a.dtype), limitsOf(b.dtype)] as const;
	return {
		values: [a.data as NumericArray, b.data as NumericArray],
		zeros: ranges.map((range, i) => unclamped(0, range, limits[i])),
		range: productRange(...ranges, limits),
	};
}

/** kernels/quantized_matmul_op.cc. */
export const matMul: HostKernel = (node, inputs) => {
	const [turnsA, turnsB] = ["transpose_a", "transpose_b"].map((name) =>
		boolAttr(node, name),
	);
	const [rowsA, columnsA] = inputs[0].shape;
	const [rowsB, columnsB] = inputs[1].shape;
	const [rows, depth] = turnsA ? [columnsA, rowsA] : [rowsA, columnsA];
	const [height, columns] = turnsB ? [columnsB, rowsB] : [rowsB, columnsB];
	if (depth !== height)
		throw fail(
			"INVALID",
			`cannot multiply matrices of shapes [${inputs[0].shape}] and [${inputs[1].shape}]: ${depth} columns meet ${height} rows`,
		);
	const {
		values: [a, b],
		zeros: [zeroA, zeroB],
		range,
	} = factors(inputs);
	const [stepA, stepB] = [turnsA ? columnsA : 1, turnsB ? 1 : columnsB];
	const data = new Int32Array(rows * columns);
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++) {
			let atA = turnsA ? row : row * columnsA;
			let atB = turnsB ? column * columnsB : column;
			let sum = 0;
			for (let k = 0; k < depth; k++, atA += stepA, atB += stepB)
				sum += (a[atA] - zeroA) * (b[atB] - zeroB);
			data[row * columns + column] = sum;
		}
	const dtype = dtypeAttr(node, "Toutput");
	return [{ dtype, shape: [rows, columns], data }, ...rangeTensors(range)];
};

/** kernels/quantized_conv_ops.cc. */
export const conv2d: HostKernel = (node, inputs) => {
	const {
		values: [image, filter],
		zeros: [zeroImage, zeroFilter],
		range,
	} = factors(inputs);
	const [batch, height, width, depth] = inputs[0].shape;
	const [kernelY, kernelX, filterDepth, count] = inputs[1].shape;
	if (depth !== filterDepth)
		throw fail(
			"INVALID",
			`cannot convolve ${depth} channels with a filter of ${filterDepth}`,
		);
	const [, stride, strideX] = intsAttr(node, "strides");
	if (stride !== strideX)
		throw fail(
			"INVALID",
			`cannot convolve with strides ${stride} and ${strideX}: wanted equal ones`,
		);
	const isSame = stringAttr(node, "padding") === "SAME";
	const placesOf = (size: number, kernel: number) =>
		Math.ceil((isSame ? size : Math.max(size - kernel + 1, 0)) / stride);
	const [rows, columns] = [placesOf(height, kernelY), placesOf(width, kernelX)];
	const before = (places: number, kernel: number, size: number) =>
		isSame ? Math.trunc(((places - 1) * stride + kernel - size) / 2) : 0;
	const top = before(rows, kernelY, height);
	const left = before(columns, kernelX, width);
	const shape = [batch, rows, columns, count];
	const data = new Int32Array(elementCount(shape));
	const sums = new Float64Array(count);
	for (let place = 0; place < batch * rows * columns; place++) {
		const startX = (place % columns) * stride - left;
		const startY = (Math.floor(place / columns) % rows) * stride - top;
		const picture = Math.floor(place / (columns * rows)) * height;
		sums.fill(0);
		for (let ky = 0; ky < kernelY; ky++) {
			const y = startY + ky;
			if (y < 0 || y >= height) continue;
			for (let kx = 0; kx < kernelX; kx++) {
				const x = startX + kx;
				if (x < 0 || x >= width) continue;
				const from = ((picture + y) * width + x) * depth;
				for (let channel = 0; channel < depth; channel++) {
					const value = image[from + channel] - zeroImage;
					const weights = ((ky * kernelX + kx) * depth + channel) * count;
					for (let out = 0; out < count; out++)
						sums[out] += value * (filter[weights + out] - zeroFilter);
				}
			}
		}
		data.set(sums, place * count);
	}
	const dtype = dtypeAttr(node, "out_type");
	return [{ dtype, shape, data }, ...rangeTensors(range)];
};

/** kernels/quantized_mul_op.cc. */
export const multiply: HostKernel = (node, inputs) => {
	const {
		values: [a, b],
		zeros: [zeroA, zeroB],
		range,
	} = factors(inputs);
	const operands = [inputs[0].shape, inputs[1].shape];
	const shape = broadcast(operands[0], operands[1]) as readonly number[];
	const data = new Int32Array(elementCount(shape));
	eachRow(shape, operands, (at, length, [i, j], [stepA, stepB]) => {
		for (let k = 0; k < length; k++)
			data[at + k] = (a[i + k * stepA] - zeroA) * (b[j + k * stepB] - zeroB);
	});
	const dtype = dtypeAttr(node, "Toutput");
	return [{ dtype, shape, data }, ...rangeTensors(range)];
};
