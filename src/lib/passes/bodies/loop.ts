import { functionAttr } from "../../graph/attrs.js";
import { inferTypes } from "../../graph/infer.js";
import type { Graph, Node, Port } from "../../graph/ir.js";
import type { Constant } from "../../tensor/constant.js";
import type { Settling } from "../bodies.js";
import { forwardIdentities } from "../forward.js";
import type { Replacement } from "../pass.js";
import {
	commonShape,
	isSameShape,
	listAttr,
	withConstants,
	withTypes,
} from "./ports.js";

type Typed = Pick<Port, "dtype" | "shape">;

/**
 * A loop's bodies are given the constants that it carries unchanged, such as weights, and the types that hold in every round:
 * those of the first, made less exact until what a round gives is what it takes.
 */
export function settleLoop({
	node,
	types,
	bodyOf,
	prepare,
	keep,
}: Settling): Replacement {
	const [condName, bodyName] = [
		functionAttr(node, "cond"),
		functionAttr(node, "body"),
	];
	const cond = forwardIdentities(bodyOf(condName));
	const body = forwardIdentities(bodyOf(bodyName));
	const constants = new Map<number, Constant>();
	for (const [i, value] of node.inputs.entries()) {
		const constant = types.constantOf(value);
		if (constant !== undefined && isInvariant(body, i))
			constants.set(i, constant);
	}
	const isOpen = (_: unknown, i: number) => !constants.has(i);
	const start = node.inputs
		.filter(isOpen)
		.map((value): Typed => types.typeOf(value));
	const own = withConstants(body, constants);
	const round = prepareRound(
		{ ...own, outputs: own.outputs.filter(isOpen) },
		start,
		prepare,
	);
	keep(bodyName, round.body);
	keep(
		condName,
		prepare(withTypes(withConstants(cond, constants), round.types)),
	);
	const settled: Node = {
		...node,
		inputs: node.inputs.filter(isOpen),
		outputs: node.outputs.filter(isOpen),
		attrs: {
			...node.attrs,
			T: listAttr(node.attrs, "T").filter(isOpen),
			output_shapes: round.types.map(({ shape }) => ({ dims: shape })),
		},
	};
	return {
		nodes: [settled],
		values: new Map(
			[...constants.keys()].map((i) => [node.outputs[i], node.inputs[i]]),
		),
	};
}

/** Whether a round gives input `index` back as it is. */
export function isInvariant(
	{ inputs, outputs }: Graph,
	index: number,
): boolean {
	return inputs[index].value === outputs[index].value;
}

/** Shapes only ever become less exact, twice an axis at most: known, unknown size, unknown rank. */
function prepareRound(
	body: Graph,
	start: readonly Typed[],
	prepare: (body: Graph) => Graph,
): { readonly body: Graph; readonly types: readonly Typed[] } {
	let types = start;
	for (;;) {
		const prepared = prepare(withTypes(body, types));
		const given = inferTypes(prepared);
		const wider = types.map(({ dtype, shape }, i) => ({
			dtype,
			shape: commonShape(shape, given.typeOf(prepared.outputs[i].value).shape),
		}));
		if (wider.every(({ shape }, i) => isSameShape(shape, types[i].shape)))
			return { body: prepared, types };
		types = wider;
	}
}
