import type { LiteFilePort } from "../../lite/ports.js";
import { convertTensor } from "../../tensor/convert.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Real numbers as the integers that stand for them. */
export function fedInteger(
	tensor: Tensor,
	{ dtype, quantization }: LiteFilePort,
): Tensor {
	if (quantization === undefined) return convertTensor(tensor, dtype);
	const { scale, zeroPoint } = quantization;
	const [least, most] = LIMITS[dtype] ?? [-Infinity, Infinity];
	const numbers = Float64Array.from(tensor.data as Float32Array, (value) =>
		Math.max(least, Math.min(most, Math.round(value / scale) + zeroPoint)),
	);
	const { shape } = tensor;
	return convertTensor({ dtype: "float64", shape, data: numbers }, dtype);
}

const LIMITS: { readonly [Type in DType]?: readonly [number, number] } = {
	int8: [-128, 127],
	uint8: [0, 255],
	int16: [-32768, 32767],
};

/** The real numbers that integers stand for. */
export function realNumbers(
	tensor: Tensor,
	port: LiteFilePort | undefined,
): Tensor {
	if (port?.quantization === undefined) return tensor;
	const { scale, zeroPoint } = port.quantization;
	const data = Float32Array.from(
		tensor.data as Int8Array,
		(value) => (value - zeroPoint) * scale,
	);
	return { dtype: "float32", shape: tensor.shape, data };
}
