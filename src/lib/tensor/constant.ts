import type { DType } from "./dtype.js";
import type { Tensor } from "./tensor.js";

/** A tensor that is read when somebody needs its elements: a weight of a checkpoint, or a constant of a graph. */
export interface Constant {
	readonly dtype: DType;
	readonly shape: readonly number[];
	/** Bytes of the elements; 0 where unknown (strings not read yet). */
	readonly byteLength: number;
	read(): Tensor;
}
