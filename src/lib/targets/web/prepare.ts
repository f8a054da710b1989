import type { Program } from "../../graph/ir.js";
import { passesWithout } from "../../passes/index.js";
import { webLack } from "./ops/index.js";

const PASSES = passesWithout((op) => webLack(op) !== undefined);

const PREPARED = new WeakMap<Program, Program>();

/** A program after the passes, as `lowerToWeb` wants it; made once. */
export function preparedForWeb(program: Program): Program {
	const known = PREPARED.get(program);
	if (known !== undefined) return known;
	const result = PASSES.reduce((current, { pass }) => pass(current), program);
	PREPARED.set(program, result);
	return result;
}
