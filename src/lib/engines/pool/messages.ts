import type { ErrorCode } from "../../errors.js";
import { bufferOf, type Tensor } from "../../tensor/tensor.js";
import type { Tensors } from "../engine.js";

/** From the pool to a worker, in lists; the first message of all is the model, the source of a `Sendable`. */
export interface RunMessage {
	readonly id: number;
	readonly inputs: Tensors;
	/** Further inputs that the worker does not have yet. */
	readonly kept?: Tensors;
}

/** From a worker to the pool, in lists: `id` is that of the run, or `OPENED` when the model is ready or could not be opened. */
export type WorkerMessage =
	| { readonly id: number; readonly outputs: Tensors }
	| { readonly id: number; readonly error: SentError };

export interface SentError {
	readonly code: ErrorCode;
	readonly message: string;
}

export const OPENED = -1;

/** Below this size a copy is cheaper than handing over the buffer. */
const TRANSFER_BYTES = 4096;

/** The buffers of these tensors that may move to another thread: large ones that no other view looks into, `kept` ones neither. */
export function transferable(
	tensors: Tensors,
	kept: Tensors = {},
): ArrayBuffer[] {
	const stay = new Set(Object.values(kept).map(bufferOf));
	const buffers = Object.values(tensors).flatMap(({ data }: Tensor) => {
		if (!ArrayBuffer.isView(data) || !(data.buffer instanceof ArrayBuffer))
			return [];
		return data.byteLength >= TRANSFER_BYTES &&
			!stay.has(data.buffer) &&
			data.byteLength === data.buffer.byteLength
			? [data.buffer]
			: [];
	});
	return [...new Set(buffers)];
}

/** Tensors whose message carries their own bytes and not the larger buffer they may be cut from. */
export function compact(tensors: Tensors): Tensors {
	return Object.fromEntries(
		Object.entries(tensors).map(([name, tensor]) => [
			name,
			compactTensor(tensor),
		]),
	);
}

function compactTensor(tensor: Tensor): Tensor {
	const { data } = tensor;
	if (!ArrayBuffer.isView(data))
		return { ...tensor, data: data.map((bytes) => bytes.slice()) };
	return data.byteLength === data.buffer.byteLength
		? tensor
		: { ...tensor, data: data.slice() };
}
