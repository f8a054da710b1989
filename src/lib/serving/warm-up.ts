import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { asMlshipError, type MlshipError } from "../errors.js";
import type { LoadedVersion } from "./load.js";
import type { LifecycleObserver } from "./observer.js";

export interface WarmUpOptions {
	/** How often each request is run; 0 is once (`--num_request_iterations_for_warmup`). */
	readonly iterations?: number;
	/** Bytes of the tensors of a request. */
	readonly maxBody: number;
	readonly observer?: LifecycleObserver | undefined;
}

/** Where an exporter leaves requests, below a version's folder (saved_model_warmup_util.cc). */
export const WARM_UP_FILE = join("assets.extra", "tf_serving_warmup_requests");

/**
 * Runs the requests that a version brings, so that its first callers do not wait for what happens once. A version that
 * cannot answer one of them is closed, and it fails with that request's reason; with CORRUPT where the file is not one of
 * records.
 */
export async function warmedUp(
	version: LoadedVersion,
	options: WarmUpOptions,
): Promise<LoadedVersion> {
	try {
		const path = join(version.dir, WARM_UP_FILE);
		const file = await readFile(path).catch((error: unknown) => {
			if (ABSENT.includes((error as NodeJS.ErrnoException).code ?? ""))
				return undefined;
			throw asMlshipError(error);
		});
		if (file === undefined) return version;
		// few models bring any
		const { runWarmUp } = await import("./grpc/warm-up.js");
		const before = performance.now();
		const told = (records: number, error?: MlshipError) =>
			options.observer?.warmedUp({
				dir: version.dir,
				records,
				seconds: (performance.now() - before) / 1000,
				error,
			});
		await runWarmUp(version, file, path, options).then(told, (error) => {
			told(0, asMlshipError(error));
			throw error;
		});
		return version;
	} catch (error) {
		await version.close();
		throw error;
	}
}

const ABSENT = ["ENOENT", "ENOTDIR"];
