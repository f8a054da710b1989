import type { Program } from "../../graph/ir.js";
import { arraysAsLists, hasArrays } from "../../passes/arrays.js";
import { keepLoops, prepareProgram } from "../../passes/bodies.js";
import { passesWithout } from "../../passes/index.js";
import { withKnownItems } from "../../passes/lists/items.js";
import { hasLists, withoutLists } from "../../passes/lists.js";
import { webLack } from "./ops/index.js";

const PASSES = passesWithout((op) => webLack(op) !== undefined);

const PREPARED = new WeakMap<Program, Program>();

/** A program after the passes, as `lowerToWeb` wants it; made once. */
export function preparedForWeb(program: Program): Program {
	const known = PREPARED.get(program);
	if (known !== undefined) return known;
	const listed = hasArrays(program) ? arraysAsLists(program) : program;
	const own = prepareProgram(listed, PASSES, keepLoops);
	const unlisted = wantsStacks(own) ? withoutLists(own) : withKnownItems(own);
	const result =
		unlisted === undefined ? own : prepareProgram(unlisted, PASSES, keepLoops);
	PREPARED.set(program, result);
	return result;
}

/**
 * Lists of TensorFlow.js cost a loop least, as they grow where they are; yet they have no elements that nothing was put into, and
 * without a loop TensorFlow.js complains of them.
 */
function wantsStacks(program: Program): boolean {
	const graphs = [program, ...program.functions.values()];
	const nodes = graphs.flatMap((graph) => graph.nodes);
	const isPassed = graphs
		.slice(1)
		.some(({ inputs }) => inputs.some(({ dtype }) => dtype === "variant"));
	return (
		hasLists(program) && (!isPassed || nodes.some(({ op }) => UNLIKE.has(op)))
	);
}

/** What TensorFlow.js lacks, or does otherwise than TensorFlow. */
const UNLIKE: ReadonlySet<string> = new Set([
	"TensorListConcatLists",
	"TensorListElementShape",
	"TensorListPopBack",
	"TensorListResize",
	"TensorListScatterIntoExistingList",
]);
