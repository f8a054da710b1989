import { inferProgramTypes } from "../../graph/infer.js";
import type { Program } from "../../graph/ir.js";
import { fissionLoops } from "../../passes/bodies/fission.js";
import { prepareProgram } from "../../passes/bodies.js";
import { PASSES } from "../../passes/index.js";
import type { ProgramPlan } from "../../steps/plan.js";
import { loweringObstacle } from "../../targets/onnx/lower.js";
import type { Obstacle, Refusal, SessionPort } from "../engine.js";
import { byOperation } from "../obstacles.js";
import { Planner } from "./planner.js";
import type { OnnxRegion } from "./region.js";

/** How a program runs, and what callers see of it. */
export interface OnnxPlan {
	readonly inputs: readonly SessionPort[];
	readonly outputs: readonly SessionPort[];
	readonly program: ProgramPlan<OnnxRegion>;
}

/** What stands in the way of running `program`: every op that neither ONNX Runtime nor the host computes, with its count and first node. */
export function onnxObstacles(program: Program): readonly Obstacle[] {
	const planned = planOnnx(program);
	return "obstacles" in planned ? planned.obstacles : [];
}

/** Plans a program: finding out whether it can run is making the plan. */
export function planOnnx(program: Program): OnnxPlan | Refusal {
	const prepared = cutLoops(prepareProgram(program, PASSES));
	const types = inferProgramTypes(prepared);
	const planner = new Planner(prepared.functions);
	const main = planner.plan(prepared, types, program.signature);
	const bodies = planner.planBodies(types);
	const { initializer, functions } = prepared;
	const initial = planner.plan(
		initializer,
		inferProgramTypes({ ...initializer, functions }),
		"initializer",
	);
	if (planner.obstacles.length > 0)
		return { obstacles: byOperation(planner.obstacles) };
	return {
		inputs: program.inputs.map(({ name, dtype, shape }) => ({
			name,
			dtype,
			shape,
		})),
		outputs: prepared.outputs.map(({ name, value, dtype, shape }) => ({
			name,
			dtype,
			shape: types.typeOf(value).shape ?? shape,
		})),
		program: { main, bodies, initializer: initial },
	};
}

/** Of a loop that a region cannot hold, what regions can hold comes behind it. */
function cutLoops(program: Program): Program {
	return fissionLoops(
		program,
		(node, types) =>
			loweringObstacle(node, types, program.functions) !== undefined,
	);
}
