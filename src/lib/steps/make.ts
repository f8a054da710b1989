import type { GraphTypes } from "../graph/infer.js";
import type { Attr, Graph, Node, ValueName } from "../graph/ir.js";
import type { NamedTensor, Plan, Step } from "./plan.js";
import type { Piece } from "./split.js";

/**
 * Steps of the pieces of a graph, each region as `compile` makes it. `smallForm` gives the nodes of regions that the host may
 * compute instead.
 */
export function makePlan<Region>(
	graph: Graph,
	pieces: readonly Piece[],
	types: GraphTypes,
	compile: (region: Graph) => Region,
	smallForm: (region: Graph) => readonly Node[] | undefined = () => undefined,
): Plan<Region> {
	const hostNodes: Node[] = [];
	const steps = pieces.map((piece): Step<Region> => {
		if (piece.kind === "host") {
			hostNodes.push(piece.node);
			return { kind: "host", node: plainNode(piece.node), releases: [] };
		}
		const region = compile(piece.graph);
		const small = smallForm(piece.graph);
		if (small === undefined) return { kind: "region", region, releases: [] };
		hostNodes.push(...small);
		return {
			kind: "region",
			region,
			small: small.map(plainNode),
			releases: [],
		};
	});
	const used = pieces.map(usedValues);
	const returned = graph.outputs.map(({ value }) => value);
	const releases = lastUses(used, new Set(returned));
	return {
		inputs: graph.inputs,
		outputs: graph.outputs,
		constants: constantsOf(
			new Set([...hostNodes.flatMap(({ inputs }) => inputs), ...returned]),
			types,
		),
		steps: steps.map((step, i) => ({ ...step, releases: releases[i] })),
	};
}

function usedValues(piece: Piece): readonly ValueName[] {
	return piece.kind === "host"
		? piece.node.inputs
		: piece.graph.inputs.map(({ value }) => value);
}

/** For each step the values that no later step uses. */
function lastUses(
	used: readonly (readonly ValueName[])[],
	returned: ReadonlySet<ValueName>,
): readonly (readonly ValueName[])[] {
	const seen = new Set(returned);
	return used
		.toReversed()
		.map((values) => {
			const last = [...new Set(values)].filter((value) => !seen.has(value));
			for (const value of last) seen.add(value);
			return last;
		})
		.reverse();
}

function constantsOf(
	values: ReadonlySet<ValueName>,
	types: GraphTypes,
): readonly NamedTensor[] {
	return [...values].flatMap((value) => {
		const tensor = types.constant(value);
		return tensor === undefined ? [] : [{ value, tensor }];
	});
}

/** A node without constants in its attributes, which cannot be sent to another thread; no host row reads one. */
function plainNode(node: Node): Node {
	return {
		...node,
		attrs: Object.fromEntries(
			Object.entries(node.attrs).filter(([, attr]) => !isConstant(attr)),
		),
	};
}

function isConstant(attr: Attr): boolean {
	return Array.isArray(attr)
		? attr.some(isConstant)
		: typeof attr === "object" && "read" in attr;
}
