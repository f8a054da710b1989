import { fail } from "../../errors.js";
import { dtypeAttr, intAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { DType, NumericArray } from "../../tensor/dtype.js";
import { allocate, type Tensor } from "../../tensor/tensor.js";
import { numbersOf, rounded } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";
import { channels } from "./channels.js";

const { fround } = Math;

/** Integers x stand for (x - zero point) · scale (kernels/uniform_quant_ops). */
interface Scale {
	readonly scale: number;
	readonly zero: number;
}

export const uniformQuantize: HostKernel = (node, [x, scales, zeros]) => {
	const [least, most] = limitsOf(node, "quantization");
	const axis = intAttr(node, "quantization_axis");
	const dtype = dtypeAttr(node, "Tout");
	return [
		converted(x, dtype, axis, [scales, zeros], (channel) => {
			const { scale, zero } = scaleAt(scales, zeros, channel);
			const inverse = fround(1 / scale);
			return (value) => {
				const step = Math.floor(fround(fround(value * inverse) + 0.5));
				return Math.max(Math.min(step + zero, most), least);
			};
		}),
	];
};

export const uniformDequantize: HostKernel = (node, [x, scales, zeros]) => {
	const axis = intAttr(node, "quantization_axis");
	const dtype = dtypeAttr(node, "Tout");
	return [
		converted(x, dtype, axis, [scales, zeros], (channel) => {
			const { scale, zero } = scaleAt(scales, zeros, channel);
			return (value) => fround(fround(value - zero) * scale);
		}),
	];
};

export const uniformRequantize: HostKernel = (node, inputs) => {
	const [x, scales, zeros, newScales, newZeros] = inputs;
	const [least, most] = limitsOf(node, "output_quantization");
	const axis = Math.max(
		intAttr(node, "input_quantization_axis"),
		intAttr(node, "output_quantization_axis"),
	);
	const many = inputs.slice(1).filter(({ data }) => data.length > 1);
	const dtype = dtypeAttr(node, "Tout");
	return [
		converted(x, dtype, axis, many, (channel) => {
			const from = scaleAt(scales, zeros, channel);
			const to = scaleAt(newScales, newZeros, channel);
			const multiply = multiplier(from.scale / to.scale);
			return (value) => {
				const moved = multiply(value - from.zero) + to.zero;
				return Math.max(Math.min(moved, most), least);
			};
		}),
	];
};

function limitsOf(node: Node, name: string): readonly [number, number] {
	return [intAttr(node, `${name}_min_val`), intAttr(node, `${name}_max_val`)];
}

/** One for all channels, or one each. Fails with INVALID for a scale that is not above 0. */
function scaleAt(scales: Tensor, zeros: Tensor, channel: number): Scale {
	const at = ({ data }: Tensor) =>
		Number(data[data.length === 1 ? 0 : channel]);
	const [scale, zero] = [at(scales), at(zeros)];
	if (!(scale > 0 && Number.isFinite(scale)))
		throw fail(
			"INVALID",
			`cannot quantize with a scale of ${scale}: wanted one above 0`,
		);
	return { scale, zero };
}

function converted(
	x: Tensor,
	dtype: DType,
	axis: number,
	parameters: readonly Tensor[],
	ruleOf: (channel: number) => (value: number) => number,
): Tensor {
	const values = numbersOf(x) as NumericArray;
	const isHalf = dtype === "float16" || dtype === "bfloat16";
	const data = allocate(
		isHalf ? "float32" : dtype,
		values.length,
	) as NumericArray;
	const slices = channels(x.shape, axis, parameters);
	for (let channel = 0; channel < slices.count; channel++) {
		const rule = ruleOf(channel);
		slices.each(channel, (from, to) => {
			for (let i = from; i < to; i++) data[i] = rule(values[i]);
		});
	}
	return { dtype, shape: x.shape, data: isHalf ? rounded(dtype, data) : data };
}

/** A factor as an integer of 31 bits and a shift, as upstream (math_utils.cc, QuantizeMultiplier). */
function multiplier(factor: number): (value: number) => number {
	const exponent = Math.floor(Math.log2(factor)) + 1;
	let shift = exponent;
	let whole = Math.round((factor / 2 ** exponent) * 2 ** 31);
	if (whole === 2 ** 31) {
		whole /= 2;
		shift++;
	}
	if (shift < -31) return () => 0;
	if (shift > 30) [shift, whole] = [30, 2 ** 31 - 1];
	const bits = BigInt(31 - shift);
	const half = 1n << (bits - 1n);
	return (value) => {
		const product = (BigInt(value) * BigInt(whole) + half) >> bits;
		return Math.min(Math.max(Number(product), -(2 ** 31)), 2 ** 31 - 1);
	};
}
