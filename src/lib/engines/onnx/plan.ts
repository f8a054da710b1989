import { inferTypes } from "../../graph/infer.js";
import type { Program } from "../../graph/ir.js";
import { PASSES } from "../../passes/index.js";
import { loweringObstacles, lowerToOnnx } from "../../targets/onnx/lower.js";
import { type OnnxFile, writeOnnx } from "../../targets/onnx/write.js";
import type { Obstacle, SessionPort } from "../engine.js";

/** How a program runs: one region, written as an ONNX model. */
export interface Plan {
	readonly inputs: readonly PlannedPort[];
	readonly outputs: readonly PlannedPort[];
	readonly file: OnnxFile;
}

export interface PlannedPort extends SessionPort {
	/** What the model calls it. */
	readonly onnxName: string;
}

/** What stands in the way of running `program` on ONNX Runtime: every op, with its count and first node. */
export function onnxObstacles(program: Program): readonly Obstacle[] {
	const prepared = prepare(program);
	const rows = new Map<string, Obstacle>();
	for (const { node, reason } of loweringObstacles(
		prepared,
		inferTypes(prepared),
	)) {
		const row = rows.get(node.op);
		rows.set(node.op, {
			op: node.op,
			count: (row?.count ?? 0) + 1,
			node: row?.node ?? node.name,
			reason: row?.reason ?? reason,
		});
	}
	return [...rows.values()];
}

export function planOnnx(program: Program): Plan {
	const prepared = prepare(program);
	const graph = lowerToOnnx(prepared, inferTypes(prepared), program.signature);
	const inputs = program.inputs.map(
		({ name, dtype, shape }, i): PlannedPort => ({
			name,
			dtype,
			shape,
			onnxName: graph.inputs[i].name,
		}),
	);
	const outputs = program.outputs.map(
		({ name, dtype, shape }, i): PlannedPort => ({
			name,
			dtype,
			shape: graph.outputs[i].shape ?? shape,
			onnxName: graph.outputs[i].name,
		}),
	);
	return { inputs, outputs, file: writeOnnx(graph) };
}

const PREPARED = new WeakMap<Program, Program>();

/** The program after all passes; kept while the program lives, since it is asked for obstacles before it is planned. */
function prepare(program: Program): Program {
	const known = PREPARED.get(program);
	if (known !== undefined) return known;
	const prepared = PASSES.reduce((current, { pass }) => pass(current), program);
	PREPARED.set(program, prepared);
	return prepared;
}
