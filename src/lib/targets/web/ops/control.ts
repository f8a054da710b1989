import { functionAttr } from "../../../graph/attrs.js";
import { numberTensor } from "../../../tensor/numbers.js";
import { body } from "../attrs.js";
import type { WebContext, WebLowering, WebRow, WebValue } from "../lowering.js";
import type { WebAttrs, WebNode } from "../topology.js";

/** As it is; both bodies take the inputs behind the condition. */
const branches: WebLowering = (context) => {
	const { node, body: addBody } = context;
	const [yes, no] = ["then_branch", "else_branch"].map((attr) =>
		functionAttr(node, attr),
	);
	const { wanted } = addBody(yes);
	addBody(no);
	return called(context, [true, ...wanted], [], {
		then_branch: body(yes),
		else_branch: body(no),
	});
};

/** As it is, and what the body puts into lists goes round with it, so that it is not freed. */
const loop: WebLowering = (context) => {
	const { node, body: addBody, weight } = context;
	const [cond, round] = ["cond", "body"].map((attr) =>
		functionAttr(node, attr),
	);
	const { wanted, kept } = addBody(round, { isLoop: true });
	addBody(cond, { extras: kept });
	const nothing = Array.from({ length: kept }, () =>
		weight(numberTensor("float32", 0)),
	);
	return called(context, wanted, nothing, {
		cond: body(cond),
		body: body(round),
	});
};

/** The call with the inputs that are wanted, and more; the node's own outputs of it. */
function called(
	{ node, outputs, input, emitMany }: WebContext,
	wanted: readonly boolean[],
	more: readonly WebValue[],
	attrs: WebAttrs,
): readonly WebValue[] {
	const kept = outputs.map(({ dtype }) => dtype !== "resource");
	const made = emitMany(
		STATELESS[node.op] ?? node.op,
		[...node.inputs.flatMap((_, i) => (wanted[i] ? [input(i)] : [])), ...more],
		kept.filter(Boolean).length,
		attrs,
	);
	let next = 0;
	return kept.map((isKept) => (isKept ? made[next++] : "handle"));
}

/** Whether a node of TensorFlow.js takes one of two functions, or goes round. */
export function isBranch({ op }: WebNode): boolean {
	return op === STATELESS.If;
}

export function isLoop({ op }: WebNode): boolean {
	return op === STATELESS.While;
}

/** TensorFlow.js 4.22 takes If for an operation without branches, and these for the same. */
const STATELESS: Readonly<Record<string, string | undefined>> = {
	If: "StatelessIf",
	While: "StatelessWhile",
};

export const controlRows: Readonly<Record<string, WebRow>> = {
	If: branches,
	StatelessIf: branches,
	While: loop,
	StatelessWhile: loop,
};
