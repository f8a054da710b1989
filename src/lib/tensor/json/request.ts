import type { DType } from "../dtype.js";
import type { Shape, Tensor } from "../tensor.js";

/** `row`: `{"instances": [...]}`, one entry an element of the batch; `columnar`: `{"inputs": …}`, whole tensors. */
export type RequestFormat = "row" | "columnar";

export interface RequestInput {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: Shape;
}

/** What a body is decoded for. */
export interface RequestSignature {
	/** `serving_default`. */
	readonly key: string;
	readonly inputs: readonly RequestInput[];
	/** Knows the inputs that may be left out. */
	readonly defaults?: { has(name: string): boolean };
}

export type RequestTensors = Readonly<Record<string, Tensor>>;

export interface PredictRequest {
	/** As written in the body; empty where it names none. */
	readonly signatureName: string;
	readonly format: RequestFormat;
	readonly tensors: RequestTensors;
}

/** Tensors, and the offset behind the value that they were read from. */
export interface ReadTensors {
	readonly tensors: RequestTensors;
	readonly end: number;
}
