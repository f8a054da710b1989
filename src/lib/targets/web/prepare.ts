import { CONTROL_FORMS, mapFunctions } from "../../graph/bodies.js";
import type { Graph, Node, Program } from "../../graph/ir.js";
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
	const unlisted =
		withKnownItems(own) ?? (wantsStacks(own) ? withoutLists(own) : undefined);
	const result =
		unlisted === undefined ? own : prepareProgram(unlisted, PASSES, keepLoops);
	PREPARED.set(program, result);
	return result;
}

/**
 * Lists of TensorFlow.js cost a loop least, as they grow where they are; yet they have no elements that nothing was put into, lose
 * what is put into them inside a branch or an inner loop, and without a loop TensorFlow.js complains of them.
 */
function wantsStacks(program: Program): boolean {
	const bodies = [...program.functions.values()];
	const nodes = [program, ...bodies].flatMap((graph) => graph.nodes);
	const isPassed = bodies.some(({ inputs }) =>
		inputs.some(({ dtype }) => dtype === "variant"),
	);
	return (
		hasLists(program) &&
		(!isPassed ||
			nodes.some(({ op }) => UNLIKE.has(op)) ||
			isHeldInside(program))
	);
}

/** Whether some body of a branch or of an inner loop puts elements into a list. */
function isHeldInside({ nodes, functions }: Program): boolean {
	const puts = (graph: Graph | undefined): boolean =>
		graph?.nodes.some(({ op }) => HOLDS.has(op)) === true;
	const inner = (graph: Graph): readonly Graph[] =>
		bodiesIn(graph.nodes).flatMap(({ name }) => functions.get(name) ?? []);
	return bodiesIn(nodes).some(({ name, isLoop }) => {
		const body = functions.get(name);
		if (body === undefined) return false;
		return (!isLoop && puts(body)) || inner(body).some(puts);
	});
}

interface BodyName {
	readonly name: string;
	readonly isLoop: boolean;
}

function bodiesIn(nodes: readonly Node[]): readonly BodyName[] {
	return nodes.flatMap(({ op, attrs }) => {
		const form = CONTROL_FORMS[op];
		const found: BodyName[] = [];
		if (form !== undefined)
			mapFunctions(attrs, (_, reference) => {
				found.push({
					name: reference.function,
					isLoop: form.kind === "loop",
				});
				return reference;
			});
		return found;
	});
}

const HOLDS: ReadonlySet<string> = new Set([
	"TensorListPushBack",
	"TensorListSetItem",
]);

/** What TensorFlow.js lacks, or does otherwise than TensorFlow. */
const UNLIKE: ReadonlySet<string> = new Set([
	"TensorListConcatLists",
	"TensorListElementShape",
	"TensorListPopBack",
	"TensorListResize",
	"TensorListScatterIntoExistingList",
]);
