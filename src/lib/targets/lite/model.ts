import type { Program } from "../../graph/ir.js";
import { prepareProgram } from "../../passes/bodies.js";
import { hasComplex, withoutComplex } from "../../passes/complex.js";
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
	const whole = programs.map((program) => prepareProgram(program, PASSES));
	const plain = lowerToLite(whole);
	const parts = plain.obstacles.length > 0 ? inParts(whole) : undefined;
	const { model, obstacles } = parts?.lowered ?? plain;
	const prepared = parts?.prepared ?? whole;
	return {
		prepared,
		obstacles,
		model:
			obstacles.length > 0
				? model
				: livingModel(fuseActivations(livingModel(model))),
	};
}

/**
 * The same without complex numbers, of which TensorFlow Lite only makes spectra; `undefined` where that leaves something in the
 * way, or changes nothing.
 */
function inParts(
	programs: readonly Program[],
):
	| { readonly prepared: readonly Program[]; readonly lowered: LiteLowered }
	| undefined {
	if (!programs.some(hasComplex)) return undefined;
	const split = programs.map(withoutComplex);
	if (split.some(({ lacking }) => lacking.length > 0)) return undefined;
	const prepared = split.map(({ program }) => prepareProgram(program, PASSES));
	const lowered = lowerToLite(prepared);
	return lowered.obstacles.length > 0 ? undefined : { prepared, lowered };
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
