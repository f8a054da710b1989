import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { InferenceSession } from "onnxruntime-common";
import {
	loadRuntime,
	type Runtime,
	runtimeOptions,
	type SessionOptions,
} from "./runtime.js";

/** A model whose weights lie as files in a folder. */
export interface ModelInFolder {
	readonly model: Uint8Array;
	readonly folder: string;
}

/**
 * Writes what ONNX Runtime's optimizations make of a model into the folder of its weights. They copy the weights of
 * convolutions into the order of their kernels; who opens what was written maps those from the file.
 */
export async function saveOptimized({
	model,
	folder,
}: ModelInFolder): Promise<void> {
	const { name, InferenceSession } = await loadRuntime();
	if (name !== "onnxruntime-node") return;
	// what has its last name is whole
	const unfinished = join(folder, "unfinished.onnx");
	const session = await InferenceSession.create(
		model,
		runtimeOptions({
			threads: 1,
			weightsFolder: folder,
			savedAs: unfinished,
		}),
	);
	renameSync(unfinished, join(folder, FINISHED));
	await session.release();
}

const FINISHED = "optimized.onnx";

/**
 * Opens what `saveOptimized` wrote into a folder; `undefined` where it did not, or where that cannot be opened: ONNX Runtime
 * 1.30 writes weights of branches and loops twice, and then refuses them for it.
 */
export async function openOptimized(
	folder: string,
	options: SessionOptions,
	{ name, InferenceSession }: Runtime,
): Promise<InferenceSession | undefined> {
	const path = join(folder, FINISHED);
	if (name !== "onnxruntime-node" || !existsSync(path)) return undefined;
	return InferenceSession.create(
		path,
		runtimeOptions({ ...options, optimized: true }),
	).catch(() => undefined);
}
