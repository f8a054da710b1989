import type { Tensor as OnnxTensor } from "onnxruntime-common";
import type { ProgramPlan } from "../../steps/plan.js";
import { type Model, type OpenRegion, openPlan } from "../../steps/run.js";
import { runRefusal } from "./refusal.js";
import type { OnnxRegion } from "./region.js";
import { loadRuntime, runtimeOptions, type SessionOptions } from "./runtime.js";
import { fromOnnx, toOnnx } from "./values.js";

/** What a thread needs to run a program. */
export interface ModelSource {
	readonly program: ProgramPlan<OnnxRegion>;
	readonly options: SessionOptions;
	/** What other programs in this thread use too. */
	readonly resources?: Map<string, object> | undefined;
}

/** Opens a program in ONNX Runtime, in this thread. */
export function openModel({
	program,
	options,
	resources,
}: ModelSource): Promise<Model> {
	return openPlan(program, (region) => openRegion(region, options), resources);
}

async function openRegion(
	{ file, inputs, outputs }: OnnxRegion,
	options: SessionOptions,
): Promise<OpenRegion> {
	const runtime = await loadRuntime();
	const session = await runtime.InferenceSession.create(file.model, {
		...runtimeOptions(options),
		...(file.weights.length === 0 ? {} : { externalData: [...file.weights] }),
	});
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
