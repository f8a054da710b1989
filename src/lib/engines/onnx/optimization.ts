import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { regionsOf } from "../../steps/plan.js";
import type { Sendable } from "../pool/thread.js";
import type { ModelSource } from "./model.js";
import type { ModelInFolder } from "./optimized.js";
import { type PlannedModel, sendableModel } from "./weights.js";

/**
 * What threads are given of a model, as `sendableModel` makes it. Where most of it is convolutions it is optimized in a
 * process of its own, so that the copies of their weights, and what an allocator keeps of their making, go with that process,
 * and all threads share one mapped file. Where that fails threads optimize it themselves.
 */
export async function optimizedModel(
	model: PlannedModel,
): Promise<Sendable<ModelSource>> {
	const optimizer = isMostlyConvolutions(model) ? startOptimizer() : undefined;
	try {
		const sendable = sendableModel(model);
		if (optimizer !== undefined)
			await optimized(modelsInFolders(sendable.source), optimizer);
		return sendable;
	} finally {
		optimizer?.kill();
	}
}

/** Weights of convolutions have an axis for each of two directions or more, beside those of channels; matrices are packed anew by whoever opens them. */
function isMostlyConvolutions({ program }: PlannedModel): boolean {
	let [all, kernels] = [0, 0];
	for (const { file } of regionsOf(program))
		for (const { byteLength, constant } of file.weights) {
			all += byteLength;
			if (constant.shape.length >= 4) kernels += byteLength;
		}
	return kernels >= LEAST_BYTES && 2 * kernels >= all;
}

/** Copies of less are soon made, and cost less than a process. */
const LEAST_BYTES = 32 * 2 ** 20;

function modelsInFolders({ program }: ModelSource): ModelInFolder[] {
	return regionsOf(program).flatMap(({ model, weights }) =>
		"folder" in weights ? [{ model, folder: weights.folder }] : [],
	);
}

const SCRIPT = fileURLToPath(new URL("./optimizer.js", import.meta.url));

/** Longer than any disk takes: 2 minutes. */
const TIMEOUT = 120_000;

/** It loads its runtime while weights are written. `undefined` where no process may be started. */
function startOptimizer(): ChildProcess | undefined {
	try {
		const child = fork(SCRIPT, {
			// glibc gives memory back at once; its own limit grows with what was freed
			env: { MALLOC_TRIM_THRESHOLD_: "131072", ...process.env },
			execArgv: [],
			serialization: "advanced",
			stdio: ["ignore", "ignore", "ignore", "ipc"],
			timeout: TIMEOUT,
		});
		// what went wrong is seen when it has ended
		child.on("error", () => child.kill());
		return child;
	} catch {
		return undefined;
	}
}

/** Waits until the process is done, whatever it did. */
async function optimized(
	models: readonly ModelInFolder[],
	child: ChildProcess,
): Promise<void> {
	if (models.length === 0 || !child.connected) return;
	const done = once(child, "disconnect").catch(() => undefined);
	child.send([...models]);
	await done;
}
