import { mapRegions, regionsOf } from "../../steps/plan.js";
import type { Sendable } from "../pool/thread.js";
import type { ModelSource } from "./model.js";

/** A model whose weights lie in buffers of their own, and those buffers: they may move to the thread that runs it. */
export function ownWeights(source: ModelSource): Sendable {
	const program = mapRegions(source.program, (region) => ({
		...region,
		file: {
			...region.file,
			weights: region.file.weights.map(({ path, data }) => ({
				path,
				data: data.byteLength === data.buffer.byteLength ? data : data.slice(),
			})),
		},
	}));
	const buffers = regionsOf(program)
		.flatMap(({ file }) => file.weights)
		.flatMap(({ data: { buffer } }) =>
			buffer instanceof ArrayBuffer ? [buffer] : [],
		);
	return {
		source: { ...source, program },
		transferList: [...new Set(buffers)],
	};
}
