import type { GraphTypes } from "../graph/infer.js";
import type { Graph, Node, Port, ValueName } from "../graph/ir.js";
import { DTYPES } from "../tensor/dtype.js";

/** Where a node can run: compiled, on the host, or as the neighbours decide. */
export type Place = "region" | "host" | "either";

/** A part of a graph that runs as one step. Constants belong to no piece: whoever uses them knows them. */
export type Piece =
	| { readonly kind: "region"; readonly graph: Graph }
	| { readonly kind: "host"; readonly node: Node };

/** Float tensors up to this size are computed on the host for the sake of a host step; larger ones want a runtime. */
const SMALL_ELEMENTS = 1024;

/**
 * Cuts a graph into as few pieces as the order allows: stages alternate between regions (even) and host steps (odd), and a
 * node stands in the first stage of its kind that all its inputs are ready for.
 */
export function splitGraph(
	graph: Graph,
	types: GraphTypes,
	placeOf: (node: Node) => Place,
): readonly Piece[] {
	const nodes = graph.nodes.filter(
		({ outputs }) => types.constantOf(outputs[0]) === undefined,
	);
	const onHost = hostNodes(nodes, types, placeOf);
	const stages = stageNodes(nodes, types, onHost);
	const returned = new Set(graph.outputs.map(({ value }) => value));
	const lastUses = lastStages(stages);
	const known = new Map(
		[...graph.outputs, ...graph.inputs].map((port) => [port.value, port]),
	);
	const port = (value: ValueName): Port => {
		const { dtype, shape } = types.typeOf(value);
		return { name: known.get(value)?.name ?? value, value, dtype, shape };
	};
	return stages.flatMap((stage, i): Piece[] => {
		if (i % 2 === 1)
			return stage.map((node): Piece => ({ kind: "host", node }));
		if (stage.length === 0) return [];
		const { taken, made } = valuesOf(stage, types);
		const isWanted = (value: ValueName) =>
			returned.has(value) || (lastUses.get(value) ?? 0) > i;
		const region = {
			inputs: taken.map(port),
			outputs: made.filter(isWanted).map(port),
			nodes: stage,
		};
		return [{ kind: "region", graph: region }];
	});
}

/**
 * The nodes that the host computes: those that must, and those beside them that would cost a region of their own. Such a node
 * has its inputs from the host, and makes integers, truth or text, or a few numbers that a host step waits for.
 */
function hostNodes(
	nodes: readonly Node[],
	types: GraphTypes,
	placeOf: (node: Node) => Place,
): ReadonlySet<Node> {
	const places = new Map(nodes.map((node) => [node, placeOf(node)]));
	const onHost = new Set(nodes.filter((node) => places.get(node) === "host"));
	if (onHost.size === 0) return onHost;
	const awaited = ancestors(nodes, onHost);
	const origin = new Map<ValueName, "host" | "region">();
	for (const node of nodes) {
		const inputs = node.inputs.filter(
			(input) => types.constantOf(input) === undefined,
		);
		const origins = new Set(inputs.map((input) => origin.get(input)));
		const joins =
			places.get(node) === "either" &&
			!origins.has("region") &&
			(awaited.has(node) || (origins.has("host") && !origins.has(undefined))) &&
			node.outputs.every((output) =>
				isHostWork(output, types, awaited.has(node)),
			);
		if (joins) onHost.add(node);
		for (const output of node.outputs)
			origin.set(output, onHost.has(node) ? "host" : "region");
	}
	return onHost;
}

function isHostWork(
	value: ValueName,
	types: GraphTypes,
	isAwaited: boolean,
): boolean {
	const { dtype, shape } = types.typeOf(value);
	const { kind } = DTYPES[dtype];
	if (kind !== "float" && kind !== "half") return true;
	const size = shape?.reduce((a, b) => a * (b < 0 ? Number.NaN : b), 1);
	return isAwaited && size !== undefined && size <= SMALL_ELEMENTS;
}

/** The nodes that some of `targets` depend on. */
function ancestors(
	nodes: readonly Node[],
	targets: ReadonlySet<Node>,
): ReadonlySet<Node> {
	const wanted = new Set<ValueName>();
	const found = new Set<Node>();
	for (const node of nodes.toReversed()) {
		const isWanted = node.outputs.some((output) => wanted.has(output));
		if (isWanted) found.add(node);
		if (isWanted || targets.has(node))
			for (const input of node.inputs) wanted.add(input);
	}
	return found;
}

/** Nodes by stage. What uses a resource keeps its place behind earlier users: a table may change in between. */
function stageNodes(
	nodes: readonly Node[],
	types: GraphTypes,
	onHost: ReadonlySet<Node>,
): readonly (readonly Node[])[] {
	const stages: Node[][] = [];
	const stageOf = new Map<ValueName, number>();
	for (const node of nodes) {
		const parity = onHost.has(node) ? 1 : 0;
		const ready = node.inputs.reduce(
			(latest, input) => Math.max(latest, stageOf.get(input) ?? 0),
			0,
		);
		const stage = ready % 2 === parity ? ready : ready + 1;
		for (const output of node.outputs) stageOf.set(output, stage);
		for (const input of node.inputs)
			if (types.typeOf(input).dtype === "resource") stageOf.set(input, stage);
		while (stages.length <= stage) stages.push([]);
		stages[stage].push(node);
	}
	return stages;
}

/** The last stage that uses each value. */
function lastStages(
	stages: readonly (readonly Node[])[],
): ReadonlyMap<ValueName, number> {
	const last = new Map<ValueName, number>();
	for (const [i, stage] of stages.entries())
		for (const { inputs } of stage)
			for (const input of inputs) last.set(input, i);
	return last;
}

/** What nodes make, and what they take from others that is no constant. */
function valuesOf(
	nodes: readonly Node[],
	types: GraphTypes,
): { readonly taken: ValueName[]; readonly made: ValueName[] } {
	const made = new Set(nodes.flatMap(({ outputs }) => outputs));
	const used = new Set(nodes.flatMap(({ inputs }) => inputs));
	const taken = [...used].filter(
		(value) => !made.has(value) && types.constantOf(value) === undefined,
	);
	return { taken, made: [...made] };
}
