import type { Tensor } from "../../tensor/tensor.js";

/** Many texts as one piece of memory: a message of a thousand buffers takes longer than most models run. */
export interface PackedTexts {
	readonly bytes: Uint8Array;
	/** Where each text ends. */
	readonly ends: Float64Array;
}

/** A tensor as it is sent to another thread. */
export type SentTensor =
	| Tensor
	| (Omit<Tensor, "data"> & { readonly texts: PackedTexts });

export function packed(tensor: Tensor): SentTensor {
	const { dtype, shape, data } = tensor;
	if (ArrayBuffer.isView(data)) return tensor;
	const ends = new Float64Array(data.length);
	let end = 0;
	for (let i = 0; i < data.length; i++) {
		end += data[i].length;
		ends[i] = end;
	}
	const bytes = new Uint8Array(end);
	for (let i = 0; i < data.length; i++)
		bytes.set(data[i], ends[i] - data[i].length);
	return { dtype, shape, texts: { bytes, ends } };
}

export function unpacked(tensor: SentTensor): Tensor {
	if ("data" in tensor) return tensor;
	const { dtype, shape, texts } = tensor;
	const { bytes, ends } = texts;
	const data = new Array<Uint8Array>(ends.length);
	for (let i = 0, start = 0; i < ends.length; start = ends[i++])
		data[i] = new Uint8Array(bytes.buffer, start, ends[i] - start);
	return { dtype, shape, data };
}
