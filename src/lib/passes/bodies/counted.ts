import { type GraphTypes, inferTypes } from "../../graph/infer.js";
import type { Graph, Node, ValueName } from "../../graph/ir.js";
import { isInvariant } from "./loop.js";

/** A number of rounds: known now, or a value of the graph around the loop. */
export type Count = { readonly known: number } | { readonly value: ValueName };

/** A loop that counts from 0, by one a round, up to a number that is there before it starts. */
export interface CountedLoop {
	/** Values of the body that are the number of the round. */
	readonly counters: ReadonlySet<ValueName>;
	readonly rounds: Count;
}

/** Understands a loop whose condition is that counters are less than one number; `undefined` for any other. */
export function countedLoop(
	node: Node,
	body: Graph,
	cond: Graph,
	types: GraphTypes,
): CountedLoop | undefined {
	const places = body.inputs.flatMap((_, i) =>
		isCounter(node, body, i, types) ? [i] : [],
	);
	const counters = new Set(places.map((i) => cond.inputs[i].value));
	const limits = limitsOf(cond, cond.outputs[0].value, counters);
	if (limits === undefined || limits.length === 0) return undefined;
	const counts = limits.map((limit) => countOf(limit, node, body, cond, types));
	const [rounds] = counts;
	if (
		rounds === undefined ||
		!counts.every((count) => count !== undefined && isEqual(count, rounds))
	)
		return undefined;
	return {
		counters: new Set(places.map((i) => body.inputs[i].value)),
		rounds,
	};
}

/** Whether a value around the loop is the number of its rounds. */
export function isSameCount(
	rounds: Count,
	value: ValueName,
	types: GraphTypes,
): boolean {
	return isEqual(rounds, knownCount(value, types) ?? { value });
}

function isEqual(a: Count, b: Count): boolean {
	if ("known" in a) return "known" in b && a.known === b.known;
	return "value" in b && a.value === b.value;
}

function isCounter(
	node: Node,
	body: Graph,
	index: number,
	types: GraphTypes,
): boolean {
	if (knownCount(node.inputs[index], types)?.known !== 0) return false;
	const port = body.inputs[index];
	const next = body.nodes.find(({ outputs }) =>
		outputs.includes(body.outputs[index].value),
	);
	if (next?.op !== "AddV2" && next?.op !== "Add") return false;
	const bodyTypes = inferTypes(body);
	const others = next.inputs.filter((input) => input !== port.value);
	return others.length === 1 && knownCount(others[0], bodyTypes)?.known === 1;
}

/** What counters must be less than, for the condition to hold; `undefined` if it asks for anything else. */
function limitsOf(
	cond: Graph,
	value: ValueName,
	counters: ReadonlySet<ValueName>,
): readonly ValueName[] | undefined {
	const node = cond.nodes.find(({ outputs }) => outputs.includes(value));
	if (node?.op === "Less" && counters.has(node.inputs[0]))
		return [node.inputs[1]];
	if (node?.op !== "LogicalAnd") return undefined;
	const parts = node.inputs.map((input) => limitsOf(cond, input, counters));
	return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

function countOf(
	limit: ValueName,
	node: Node,
	body: Graph,
	cond: Graph,
	types: GraphTypes,
): Count | undefined {
	const known = knownCount(limit, inferTypes(cond));
	if (known !== undefined) return known;
	const index = cond.inputs.findIndex(({ value }) => value === limit);
	if (index < 0 || !isInvariant(body, index)) return undefined;
	const value = node.inputs[index];
	return knownCount(value, types) ?? { value };
}

function knownCount(
	value: ValueName,
	types: GraphTypes,
): { readonly known: number } | undefined {
	const constant = types.constantOf(value);
	if (constant === undefined || constant.shape.length > 0) return undefined;
	return { known: Number(constant.read().data[0]) };
}
