import type {
	InferenceSession,
	InferenceSessionFactory,
	TensorConstructor,
} from "onnxruntime-common";
import { fail } from "../../errors.js";

/** The part of ONNX Runtime's API that both of its packages share. */
export interface Runtime {
	readonly name: "onnxruntime-node" | "onnxruntime-web";
	readonly InferenceSession: InferenceSessionFactory;
	readonly Tensor: TensorConstructor;
}

/**
 * The native runtime; or, where it could not be installed (its install script downloads a GPU library on Linux, and
 * there is no build for musl or Intel Macs), the same kernels as WebAssembly: slower, and everywhere.
 */
export async function loadRuntime(): Promise<Runtime> {
	const native = await import("onnxruntime-node").catch(() => undefined);
	if (native !== undefined)
		return {
			name: "onnxruntime-node",
			InferenceSession: native.InferenceSession,
			Tensor: native.Tensor,
		};
	const web = await import("onnxruntime-web").catch((cause: unknown) => {
		throw fail(
			"NOT_READY",
			"cannot load ONNX Runtime: neither onnxruntime-node nor onnxruntime-web is installed",
			{ cause, hint: "run npm install mlship again" },
		);
	});
	// more threads need workers of its own, inside ours
	web.env.wasm.numThreads = 1;
	return {
		name: "onnxruntime-web",
		InferenceSession: web.InferenceSession,
		Tensor: web.Tensor,
	};
}

export interface SessionOptions {
	readonly threads: number;
	/** Where external weights of the model lie as files. */
	readonly weightsFolder?: string | undefined;
	/** Whether the host works between its runs, on the cores that waiting threads would keep busy. */
	readonly takesTurns?: boolean;
	/** Where the model is written as its optimizations leave it, its weights beside it. */
	readonly savedAs?: string | undefined;
	/** Whether that is what is opened. */
	readonly optimized?: boolean;
}

/**
 * Optimizers that ONNX Runtime must not run. `Pad_Fusion` makes zeros that are put around a max pool's picture the pool's
 * own padding, which counts for nothing, where they may be the greatest (ResNet50V2); convolutions take their padding from
 * our passes.
 */
const WRONG_OPTIMIZERS = "Pad_Fusion";

/** ONNX Runtime's own options: its optimizations; idle threads sleep at once, since a server shares its cores. */
export function runtimeOptions({
	threads,
	weightsFolder,
	takesTurns = false,
	savedAs,
	optimized = false,
}: SessionOptions): InferenceSession.SessionOptions {
	return {
		executionProviders: ["cpu"],
		graphOptimizationLevel: optimized ? "disabled" : "all",
		...(savedAs === undefined ? {} : { optimizedModelFilePath: savedAs }),
		intraOpNumThreads: threads,
		interOpNumThreads: 1,
		// what ends a process only: errors are thrown, and warnings of its optimizer are no news to a user
		logSeverityLevel: 4,
		extra: {
			optimization: { disable_specified_optimizers: WRONG_OPTIMIZERS },
			session: {
				intra_op: { allow_spinning: threads > 1 && !takesTurns ? "1" : "0" },
				...(weightsFolder === undefined
					? {}
					: { model_external_initializers_file_folder_path: weightsFolder }),
				...(savedAs === undefined ? {} : SAVED_WEIGHTS),
			},
		},
	};
}

/** In a file beside the saved model, but for small ones, in bytes. */
const SAVED_WEIGHTS = {
	optimized_model_external_initializers_file_name: "optimized-weights",
	optimized_model_external_initializers_min_size_in_bytes: "1024",
};
