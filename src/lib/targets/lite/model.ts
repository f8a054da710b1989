import type { Program } from "../../graph/ir.js";
import { prepareProgram } from "../../passes/bodies.js";
import { PASSES } from "../../passes/index.js";
import { fuseActivations } from "./activation.js";
import { livingModel } from "./liveness.js";
import { type LiteLowered, lowerToLite } from "./lower.js";

/** A model, and the programs whose values its tensors are. */
export interface LiteForm extends LiteLowered {
	readonly prepared: readonly Program[];
}

/** Programs as TensorFlow Lite has them, simplified and fused; obstacles are all that stand in their way. */
export function liteModel(programs: readonly Program[]): LiteForm {
	const prepared = programs.map((program) => prepareProgram(program, PASSES));
	const { model, obstacles } = lowerToLite(prepared);
	return {
		prepared,
		obstacles,
		model:
			obstacles.length > 0
				? model
				: livingModel(fuseActivations(livingModel(model))),
	};
}

/** A program whose inputs leave their first size no longer open. */
export function withBatch(program: Program, batch: number): Program {
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
