import { fail } from "../../errors.js";
import { dtypeAttr } from "../../graph/attrs.js";
import { broadcast } from "../../ops/shapes.js";
import type { DType, NumericArray } from "../../tensor/dtype.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { eachRow } from "../broadcast.js";
import type { HostKernel } from "../kernel.js";
import {
	dequantized,
	dequantizer,
	limitsOf,
	quantized,
	quantizer,
	type Range,
	rangeOf,
	rangeTensors,
	unclamped,
} from "./range.js";

const SUM = limitsOf("qint32");

/** Both inputs in one range of 32 bits, with room for their sum (quantization_utils.h, QuantizedAddUsingEigen). */
export const biasAdd: HostKernel = (node, [x, bias, ...ends]) => {
	const channels = x.shape[x.shape.length - 1];
	if (bias.shape.length !== 1 || bias.shape[0] !== channels)
		throw fail(
			"INVALID",
			`cannot add a bias of shape [${bias.shape}] to a tensor of shape [${x.shape}]`,
		);
	const [rangeX, rangeBias] = rangesOf(ends);
	const range = sumRange(rangeX, rangeBias, 17);
	const toSum = quantizer(range, SUM);
	const values = (tensor: Tensor, own: Range) => {
		const toFloat = dequantizer(own, limitsOf(tensor.dtype));
		return Int32Array.from(tensor.data as NumericArray, (value) =>
			toSum(toFloat(value)),
		);
	};
	const data = values(x, rangeX);
	const added = values(bias, rangeBias);
	const zero = quantized(0, range, SUM);
	for (let i = 0; i < data.length; i++) data[i] += added[i % channels] + zero;
	const dtype = dtypeAttr(node, "out_type");
	return [{ dtype, shape: x.shape, data }, ...rangeTensors(range)];
};

/** kernels/quantized_add_op.cc. */
export const add: HostKernel = (node, [x, y, ...ends]) => {
	const ranges = rangesOf(ends);
	const range = sumRange(...ranges, 14);
	const [a, b] = [x, y].map(({ data, dtype }, i) => {
		const widen = data.length === 1 ? widenedEach : widened;
		return widen(data as NumericArray, dtype, ranges[i], range);
	});
	const shape = broadcast(x.shape, y.shape) as readonly number[];
	const data = new Int32Array(elementCount(shape));
	eachRow(shape, [x.shape, y.shape], (at, length, [i, j], [stepA, stepB]) => {
		for (let k = 0; k < length; k++)
			data[at + k] = a[i + k * stepA] + b[j + k * stepB];
	});
	const dtype = dtypeAttr(node, "Toutput");
	return [{ dtype, shape, data }, ...rangeTensors(range)];
};

function rangesOf([lowX, highX, lowY, highY]: readonly Tensor[]): [
	Range,
	Range,
] {
	return [rangeOf(lowX, highX), rangeOf(lowY, highY)];
}

/** On both sides of 0, `bits` bits wider than either. */
function sumRange(a: Range, b: Range, bits: number): Range {
	const high = Math.max(a.high, -a.low, b.high, -b.low) * 2 ** bits;
	return { low: -high, high };
}

/** Integers of a wider range, by steps of whole ones (RequantizeManyInNewRange for quint8 and qint32). */
function widened(
	values: NumericArray,
	dtype: DType,
	from: Range,
	to: Range,
): Int32Array {
	const limits = limitsOf(dtype);
	const [first, second] = [0, 1].map((value) =>
		unclamped(dequantized(value, from, limits), to, SUM),
	);
	return Int32Array.from(values, (value) =>
		Math.min(
			Math.max(first + value * (second - first), SUM.lowest),
			SUM.highest,
		),
	);
}

/** As `widened`, each integer by its own float: what upstream does with a scalar. */
function widenedEach(
	values: NumericArray,
	dtype: DType,
	from: Range,
	to: Range,
): Int32Array {
	const limits = limitsOf(dtype);
	return Int32Array.from(values, (value) =>
		quantized(dequantized(value, from, limits), to, SUM),
	);
}
