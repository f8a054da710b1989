import type { ErrorCode } from "../../errors.js";
import { bufferOf } from "../../tensor/tensor.js";
import type { Tensors } from "../engine.js";
import { packed, type SentTensor, unpacked } from "./packed.js";

export type SentTensors = Readonly<Record<string, SentTensor>>;

/** From the pool to a worker, in lists; the first message of all is the model, the source of a `Sendable`. */
export interface RunMessage {
	readonly id: number;
	readonly inputs: SentTensors;
	/** Further inputs that the worker does not have yet. */
	readonly kept?: SentTensors;
}

/** From a worker to the pool, in lists: `id` is that of the run, or `OPENED` when the model is ready or could not be opened. */
export type WorkerMessage =
	| { readonly id: number; readonly outputs: SentTensors }
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
	tensors: SentTensors,
	kept: Tensors = {},
): ArrayBuffer[] {
	const stay = new Set(Object.values(kept).map(bufferOf));
	const arrays = Object.values(tensors).flatMap((tensor) =>
		"data" in tensor ? [tensor.data] : Object.values(tensor.texts),
	);
	const buffers = arrays.flatMap((data) => {
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

/** Tensors for a message that carries their own bytes and not the larger buffers they may be cut from. */
export function toMessage(tensors: Tensors): SentTensors {
	return mapped(tensors, packed);
}

export function fromMessage(tensors: SentTensors): Tensors {
	return mapped(tensors, unpacked);
}

function mapped<From, To>(
	tensors: Readonly<Record<string, From>>,
	change: (tensor: From) => To,
): Record<string, To> {
	return Object.fromEntries(
		Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]),
	);
}
