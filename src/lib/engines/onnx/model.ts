import { join } from "node:path";
import type {
	InferenceSession,
	Tensor as OnnxTensor,
} from "onnxruntime-common";
import { readWhole } from "../../formats/file.js";
import type { ProgramPlan } from "../../steps/plan.js";
import { type Model, type OpenRegion, openPlan } from "../../steps/run.js";
import { openOptimized } from "./optimized.js";
import { runRefusal } from "./refusal.js";
import type { RegionPort } from "./region.js";
import {
	loadRuntime,
	type Runtime,
	runtimeOptions,
	type SessionOptions,
} from "./runtime.js";
import { fromOnnx, toOnnx } from "./values.js";
import type { SentWeights } from "./weights.js";

/** What a thread needs to run a program. */
export interface ModelSource {
	readonly program: ProgramPlan<SentRegion>;
	readonly options: SessionOptions;
}

/** A region with its weights at hand. */
export interface SentRegion {
	readonly model: Uint8Array;
	readonly weights: SentWeights;
	readonly inputs: readonly RegionPort[];
	readonly outputs: readonly RegionPort[];
}

/** Opens a program in ONNX Runtime, in this thread, with what other programs there use too. */
export function openModel(
	{ program, options }: ModelSource,
	resources?: Map<string, object>,
): Promise<Model> {
	const takesTurns = program.main.steps.some(({ kind }) => kind === "host");
	return openPlan(
		program,
		(region) => openRegion(region, { ...options, takesTurns }),
		resources,
	);
}

async function openRegion(
	{ model, weights, inputs, outputs }: SentRegion,
	options: SessionOptions,
): Promise<OpenRegion> {
	const runtime = await loadRuntime();
	const optimized =
		"folder" in weights
			? await openOptimized(weights.folder, options, runtime)
			: undefined;
	const session =
		optimized ??
		(await runtime.InferenceSession.create(
			model,
			sessionOptions(weights, options, runtime),
		));
	return {
		inputs: inputs.map(({ value }) => value),
		outputs: outputs.map(({ value }) => value),
		run: async (given) => {
			const feeds: Record<string, OnnxTensor> = {};
			for (const [i, { onnxName }] of inputs.entries())
				feeds[onnxName] = toOnnx(given[i], runtime.Tensor);
			const results = await session.run(feeds).catch((cause: unknown) => {
				throw runRefusal(cause);
			});
			return outputs.map(({ onnxName, dtype }) =>
				fromOnnx(results[onnxName], dtype),
			);
		},
		close: () => session.release(),
	};
}

/** The native runtime maps files of weights; the other one has no files. */
function sessionOptions(
	weights: SentWeights,
	options: SessionOptions,
	{ name }: Runtime,
): InferenceSession.SessionOptions {
	if ("folder" in weights && name === "onnxruntime-node")
		return runtimeOptions({ ...options, weightsFolder: weights.folder });
	const externalData =
		"folder" in weights
			? weights.paths.map((path) => ({
					path,
					data: readWhole(join(weights.folder, path), MAX_BYTES),
				}))
			: [...weights];
	return {
		...runtimeOptions(options),
		...(externalData.length === 0 ? {} : { externalData }),
	};
}

/** No tensor of ONNX Runtime's web build is larger: its memory is 4 GB. */
const MAX_BYTES = 2 ** 32 - 1;
