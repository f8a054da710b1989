import type { DType } from "../../tensor/dtype.js";
import type { Shape, Tensors } from "../../tensor/tensor.js";

/** An input or output of a result. */
export interface ResultPort {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: Shape;
}

/** A model that was converted by somebody, read as far as running it needs. */
export interface Result {
	/** `ONNX file`. */
	readonly form: string;
	/** The engine whose models are made as mlship makes such files, so that a mistake in that would be in both. */
	readonly engine: string | undefined;
	readonly inputs: readonly ResultPort[];
	readonly outputs: readonly ResultPort[];
	/** Names of what is computed inside, in order: `dense/MatMul/Gemm:0`. */
	readonly values: readonly string[];
	/** Opens it to give some of `values` besides its outputs, as numbers of float32. Fails as its runtime does. */
	open(values: readonly string[]): Promise<OpenResult>;
}

/** Has a lifetime: until `close`. */
export interface OpenResult {
	/** Takes tensors of the ports' types; gives them by name, and wanted values apart from them. */
	run(
		inputs: Tensors,
	): Promise<{ readonly outputs: Tensors; readonly values: Tensors }>;
	close(): Promise<void>;
}
