import type { Program } from "../../graph/ir.js";
import { keepLoops, prepareProgram } from "../../passes/bodies.js";
import { passesWithout } from "../../passes/index.js";
import { webLack } from "./ops/index.js";

const PASSES = passesWithout((op) => webLack(op) !== undefined);

const PREPARED = new WeakMap<Program, Program>();

/** A program after the passes, as `lowerToWeb` wants it; made once. */
export function preparedForWeb(program: Program): Program {
	const known = PREPARED.get(program);
	if (known !== undefined) return known;
	const result = prepareProgram(program, PASSES, keepLoops);
	PREPARED.set(program, result);
	return result;
}
