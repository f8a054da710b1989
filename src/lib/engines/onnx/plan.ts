import { fail } from "../../errors.js";
import { type GraphTypes, inferTypes } from "../../graph/infer.js";
import type { Graph, Node, Program, ValueName } from "../../graph/ir.js";
import { hostRow } from "../../host/index.js";
import { prepareProgram } from "../../passes/bodies.js";
import { PASSES } from "../../passes/index.js";
import { makePlan } from "../../steps/make.js";
import type { Plan, ProgramPlan } from "../../steps/plan.js";
import { type Place, splitGraph } from "../../steps/split.js";
import { loweringObstacle, lowerToOnnx } from "../../targets/onnx/lower.js";
import { type OnnxFile, writeOnnx } from "../../targets/onnx/write.js";
import type { DType } from "../../tensor/dtype.js";
import type { Obstacle, SessionPort } from "../engine.js";
import { byOperation } from "../obstacles.js";

/** A part of a program, written as an ONNX model. */
export interface OnnxRegion {
	readonly file: OnnxFile;
	readonly inputs: readonly RegionPort[];
	readonly outputs: readonly RegionPort[];
}

export interface RegionPort {
	readonly value: ValueName;
	/** What the model calls it. */
	readonly onnxName: string;
	readonly dtype: DType;
}

/** How a program runs, and what callers see of it. */
export interface OnnxPlan {
	readonly inputs: readonly SessionPort[];
	readonly outputs: readonly SessionPort[];
	readonly program: ProgramPlan<OnnxRegion>;
}

/** What stands in the way of running `program`: every op that neither ONNX Runtime nor the host computes, with its count and first node. */
export function onnxObstacles(program: Program): readonly Obstacle[] {
	const prepared = prepare(program);
	return byOperation(
		[prepared, ...prepared.functions.values(), prepared.initializer].flatMap(
			(graph) => {
				const types = inferTypes(graph);
				return graph.nodes.flatMap((node) => {
					const reason = obstacle(node, types);
					return reason === undefined ? [] : [{ node, reason }];
				});
			},
		),
	);
}

export function planOnnx(program: Program): OnnxPlan {
	const prepared = prepare(program);
	const types = inferTypes(prepared);
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
		program: {
			main: planGraph(prepared, types, program.signature),
			bodies: Object.fromEntries(
				[...prepared.functions].map(([name, body]) => [
					name,
					planGraph(body, inferTypes(body), name),
				]),
			),
			initializer: planGraph(
				prepared.initializer,
				inferTypes(prepared.initializer),
				"initializer",
			),
		},
	};
}

function planGraph(
	graph: Graph,
	types: GraphTypes,
	name: string,
): Plan<OnnxRegion> {
	const pieces = splitGraph(graph, types, (node) => placeOf(node, types));
	return makePlan(graph, pieces, types, (region) =>
		compile(region, types, name),
	);
}

function compile(graph: Graph, types: GraphTypes, name: string): OnnxRegion {
	const lowered = lowerToOnnx(graph, types, name);
	return {
		file: writeOnnx(lowered),
		inputs: graph.inputs.map(({ value, dtype }, i) => ({
			value,
			dtype,
			onnxName: lowered.inputs[i].name,
		})),
		outputs: graph.outputs.map(({ value, dtype }, i) => ({
			value,
			dtype,
			onnxName: lowered.outputs[i].name,
		})),
	};
}

function placeOf(node: Node, types: GraphTypes): Place {
	const canLower = loweringObstacle(node, types) === undefined;
	const canCompute = onHost(node, types);
	if (canLower) return canCompute ? "either" : "region";
	if (canCompute) return "host";
	throw fail(
		"BUG",
		`node "${node.name}" was planned, and ${node.op} cannot run`,
	);
}

function obstacle(node: Node, types: GraphTypes): string | undefined {
	return onHost(node, types) ? undefined : loweringObstacle(node, types);
}

function onHost(node: Node, types: GraphTypes): boolean {
	const dtypes = [...node.inputs, ...node.outputs].map(
		(value) => types.typeOf(value).dtype,
	);
	return hostRow(node, dtypes) !== undefined;
}

const PREPARED = new WeakMap<Program, Program>();

/** The program after all passes; kept while the program lives, since it is asked for obstacles before it is planned. */
function prepare(program: Program): Program {
	const known = PREPARED.get(program);
	if (known !== undefined) return known;
	const prepared = prepareProgram(program, PASSES);
	PREPARED.set(program, prepared);
	return prepared;
}
