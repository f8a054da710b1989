import type { ValueName } from "../../graph/ir.js";
import type { LiteOp, LiteOptions } from "../../lite/schema.js";
import type { Constant } from "../../tensor/constant.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/tensor.js";

/** How integers stand for real numbers: real = scale · (integer - zeroPoint), for each slice along `axis` if there are several. */
export interface Quantization {
	readonly scale: readonly number[];
	readonly zeroPoint: readonly number[];
	readonly axis: number;
}

export interface LiteTensor {
	readonly name: string;
	readonly dtype: DType;
	/** -1 for a size that a run decides. */
	readonly shape: Shape;
	readonly constant?: Constant;
	/** The value of the program that it is; what is between two of them has none. */
	readonly value?: ValueName;
	readonly quantization?: Quantization;
	/** Keeps its value from one run to the next; starts as zeros. */
	readonly isVariable?: true;
}

export interface LiteOperator {
	readonly op: LiteOp;
	/** Indices of tensors; -1 for an input that is left out. */
	readonly inputs: readonly number[];
	readonly outputs: readonly number[];
	readonly options?: LiteOptions;
	/** The node of the program that it was made for. */
	readonly node: string;
}

/** A graph of TensorFlow Lite; tensors are named by their place. */
export interface LiteGraph {
	readonly name: string;
	readonly tensors: readonly LiteTensor[];
	readonly inputs: readonly number[];
	readonly outputs: readonly number[];
	readonly operators: readonly LiteOperator[];
}

export interface LitePort {
	readonly name: string;
	readonly tensor: number;
}

export interface LiteSignature {
	readonly key: string;
	readonly inputs: readonly LitePort[];
	readonly outputs: readonly LitePort[];
	/** Place of its graph. */
	readonly graph: number;
}

/** The first graph is that of the first signature. */
export interface LiteModel {
	readonly graphs: readonly LiteGraph[];
	readonly signatures: readonly LiteSignature[];
}
