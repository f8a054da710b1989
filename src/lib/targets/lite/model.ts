import type { Program } from "../../graph/ir.js";
import { prepareProgram } from "../../passes/bodies.js";
import { PASSES } from "../../passes/index.js";
import { fuseActivations } from "./activation.js";
import { livingModel } from "./liveness.js";
import { type LiteLowered, lowerToLite } from "./lower.js";

export interface LiteModelOptions {
	/** The batch of every input that leaves its first size open. */
	readonly fixBatch?: number;
}

/** A program as TensorFlow Lite has it, simplified and fused; obstacles are all that stand in its way. */
export function lowered(
	program: Program,
	{ fixBatch }: LiteModelOptions = {},
): LiteLowered {
	const sized = fixBatch === undefined ? program : withBatch(program, fixBatch);
	const { model, obstacles } = lowerToLite(prepareProgram(sized, PASSES));
	return {
		obstacles,
		model:
			obstacles.length > 0
				? model
				: livingModel(fuseActivations(livingModel(model))),
	};
}

function withBatch(program: Program, batch: number): Program {
	return {
		...program,
		inputs: program.inputs.map((port) => ({
			...port,
			shape: port.shape?.map((size, axis) =>
				axis === 0 && size < 0 ? batch : size,
			),
		})),
	};
}
