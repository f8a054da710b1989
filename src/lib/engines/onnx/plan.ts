import { inferProgramTypes } from "../../graph/infer.js";
import type { Program } from "../../graph/ir.js";
import { prepareProgram } from "../../passes/bodies.js";
import { PASSES } from "../../passes/index.js";
import type { ProgramPlan } from "../../steps/plan.js";
import type { Obstacle, SessionPort } from "../engine.js";
import { byOperation, refuse } from "../obstacles.js";
import { type NodeObstacle, Planner } from "./planner.js";
import type { OnnxRegion } from "./region.js";

/** How a program runs, and what callers see of it. */
export interface OnnxPlan {
	readonly inputs: readonly SessionPort[];
	readonly outputs: readonly SessionPort[];
	readonly program: ProgramPlan<OnnxRegion>;
}

/** What stands in the way of running `program`: every op that neither ONNX Runtime nor the host computes, with its count and first node. */
export function onnxObstacles(program: Program): readonly Obstacle[] {
	const planned = plan(program);
	return "obstacles" in planned ? byOperation(planned.obstacles) : [];
}

/** Fails with UNSUPPORTED where there are obstacles: callers ask for those first. */
export function planOnnx(program: Program): OnnxPlan {
	refuse("onnx", program, onnxObstacles(program));
	const planned = plan(program);
	PLANNED.delete(program);
	return planned as OnnxPlan;
}

type Planned = OnnxPlan | { readonly obstacles: readonly NodeObstacle[] };

/** A program is asked for obstacles before it is planned, and finding them is planning: the plan is kept until it is used. */
const PLANNED = new WeakMap<Program, Planned>();

function plan(program: Program): Planned {
	const known = PLANNED.get(program);
	if (known !== undefined) return known;
	const made = makeProgramPlan(program);
	PLANNED.set(program, made);
	return made;
}

function makeProgramPlan(program: Program): Planned {
	const prepared = prepareProgram(program, PASSES);
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
	if (planner.obstacles.length > 0) return { obstacles: planner.obstacles };
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
