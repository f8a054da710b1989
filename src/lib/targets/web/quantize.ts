import { fail } from "../../errors.js";
import { toFloat16 } from "../../tensor/half.js";

/** What a float32 weight may be stored as, with the part of its bytes that is left. */
export const QUANTIZED_PARTS = { float16: 0.5, uint16: 0.5, uint8: 0.25 };

export type QuantizedType = keyof typeof QUANTIZED_PARTS;

/** What a reader needs to make float32 again (tfjs-core/src/io/types.ts, WeightsManifestEntry.quantization). */
export interface Quantization {
	readonly dtype: QuantizedType;
	readonly original_dtype: "float32";
	readonly min?: number;
	readonly scale?: number;
}

export interface QuantizedWeight {
	readonly bytes: Uint8Array;
	readonly quantization: Quantization;
}

/** The numbers of a weight made coarser, as tensorflowjs_converter does it. Fails with INVALID where the type cannot hold them. */
export function quantizeWeight(
	name: string,
	values: Float32Array,
	dtype: QuantizedType,
): QuantizedWeight {
	return dtype === "float16" ? half(name, values) : affine(name, values, dtype);
}

const LARGEST_HALF = 65504;

function half(name: string, values: Float32Array): QuantizedWeight {
	for (const value of values)
		if (Math.abs(value) > LARGEST_HALF && Number.isFinite(value))
			throw unfit(name, `it has ${value}, float16 ends at ${LARGEST_HALF}`);
	return {
		bytes: bytesOf(toFloat16(values)),
		quantization: { dtype: "float16", original_dtype: "float32" },
	};
}

/** Steps of one size from the least to the greatest number; zero is one of them where it lies between (quantization.py). */
function affine(
	name: string,
	values: Float32Array,
	dtype: "uint8" | "uint16",
): QuantizedWeight {
	const [least, greatest] = range(name, values);
	const steps = new (dtype === "uint8" ? Uint8Array : Uint16Array)(
		values.length,
	);
	const told = (min: number, scale: number): QuantizedWeight => ({
		bytes: bytesOf(steps),
		quantization: { dtype, min, scale, original_dtype: "float32" },
	});
	if (least === greatest) return told(least, 1);
	const most = dtype === "uint8" ? 255 : 65535;
	const scale = (greatest - least) / most;
	const min =
		least <= 0 && greatest >= 0 ? -even(-least / scale) * scale : least;
	const max = min + most * scale;
	for (let i = 0; i < values.length; i++)
		steps[i] = even((Math.min(Math.max(values[i], min), max) - min) / scale);
	return told(min, scale);
}

function range(
	name: string,
	values: Float32Array,
): readonly [least: number, greatest: number] {
	let [least, greatest] = values.length === 0 ? [0, 0] : [values[0], values[0]];
	for (const value of values) {
		if (!Number.isFinite(value)) throw unfit(name, `it has ${value}`);
		if (value < least) least = value;
		if (value > greatest) greatest = value;
	}
	return [least, greatest];
}

/** To the nearest whole number, halves to even ones, as numpy rounds. */
function even(value: number): number {
	const rounded = Math.round(value);
	return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView) {
	return new Uint8Array(buffer, byteOffset, byteLength);
}

function unfit(name: string, found: string) {
	return fail("INVALID", `cannot quantize weight "${name}": ${found}`, {
		hint: "leave it out of the patterns of --quantize",
	});
}
