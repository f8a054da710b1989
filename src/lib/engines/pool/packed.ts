import {
	compacted,
	knownPacked,
	packedTensor,
	packedTexts,
	placed,
} from "../../tensor/packed-texts.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Many texts, one behind the other: a message of a thousand buffers takes longer than most models run. */
export interface SentTexts {
	readonly bytes: Uint8Array;
	/** Where each text begins, and where the last one ends. */
	readonly places: Uint32Array;
}

/** A tensor as it is sent to another thread. */
export type SentTensor =
	| Tensor
	| (Omit<Tensor, "data"> & { readonly texts: SentTexts });

export function packed(tensor: Tensor): SentTensor {
	const { dtype, shape } = tensor;
	if (dtype !== "string") return compact(tensor);
	const known = knownPacked(tensor);
	const { bytes, ends } =
		known === undefined ? packedTexts(tensor) : compacted(known);
	const places = new Uint32Array(ends.length + 1);
	places.set(ends, 1);
	return { dtype, shape, texts: { bytes, places } };
}

export function unpacked(tensor: SentTensor): Tensor {
	if (!("texts" in tensor)) return tensor;
	const { shape, texts } = tensor;
	return packedTensor(shape, placed(texts.bytes, texts.places));
}

/** Its own elements and not the larger buffer that they may be cut from. */
function compact(tensor: Tensor): Tensor {
	const { data } = tensor;
	return !ArrayBuffer.isView(data) || data.byteLength === data.buffer.byteLength
		? tensor
		: { ...tensor, data: data.slice() };
}
