import type {
	Tensor as OnnxTensor,
	TensorConstructor,
} from "onnxruntime-common";
import { fail } from "../../errors.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * A tensor of strings for a model that somebody else wrote, whose strings are text (our own keep bytes in them,
 * targets/onnx/strings.ts). Fails with INVALID for bytes that are no UTF-8, and for zero bytes, where ONNX Runtime's
 * bindings would end the string.
 */
export function textToOnnx(
	name: string,
	{ shape, data }: Tensor,
	Tensor: TensorConstructor,
): OnnxTensor {
	const texts = (data as readonly Uint8Array[]).map((bytes, i) => {
		const text = decoded(bytes);
		if (text === undefined || text.includes("\0"))
			throw fail(
				"INVALID",
				`cannot run the model on these inputs: string ${i} of "${name}" is no text in UTF-8, or has a zero byte`,
			);
		return text;
	});
	return new Tensor("string", texts, shape);
}

export function textFromOnnx({ dims, data }: OnnxTensor): Tensor {
	return {
		dtype: "string",
		shape: [...dims],
		data: (data as string[]).map((text) => ENCODER.encode(text)),
	};
}

function decoded(bytes: Uint8Array): string | undefined {
	try {
		return DECODER.decode(bytes);
	} catch {
		return undefined;
	}
}

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();
