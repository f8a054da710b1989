import { MlshipError } from "../../../../src/lib/errors.js";
import type { DType } from "../../../../src/lib/tensor/dtype.js";
import { decodePredictRequest } from "../../../../src/lib/tensor/json/decode.js";
import type { PredictRequest } from "../../../../src/lib/tensor/json/request.js";
import type { Shape, Tensor } from "../../../../src/lib/tensor/tensor.js";

/** Element types of inputs by name; shapes are not checked by the codec, so they may be left open. */
export type Inputs = Readonly<Record<string, DType>>;

/** Decodes a body for a signature of these inputs. */
export function decode(
	body: string | Uint8Array,
	inputs: Inputs,
	shape?: Shape,
): PredictRequest {
	return decodePredictRequest(
		typeof body === "string" ? Buffer.from(body) : body,
		() => ({
			key: "serving_default",
			inputs: Object.entries(inputs).map(([name, dtype]) => ({
				name,
				dtype,
				shape,
			})),
		}),
	);
}

/** Decodes the only input `x`. */
export function decodeOne(body: string, dtype: DType, shape?: Shape): Tensor {
	return decode(body, { x: dtype }, shape).tensors.x;
}

/** What decoding fails with; fails itself if nothing does. */
export function refusal(
	body: string | Uint8Array,
	inputs: Inputs,
	shape?: Shape,
): MlshipError {
	try {
		decode(body, inputs, shape);
	} catch (error) {
		if (error instanceof MlshipError) return error;
		throw error;
	}
	throw new Error(`nothing was wrong with ${body}`);
}

/** Strings of a tensor as text. */
export function texts({ data }: Tensor): string[] {
	return (data as readonly Uint8Array[]).map((bytes) =>
		Buffer.from(bytes).toString(),
	);
}
