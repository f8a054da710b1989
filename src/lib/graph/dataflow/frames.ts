import type { NodeDef } from "../../../gen/graph_pb.js";
import { nodeAttr } from "../../savedmodel/node-attr.js";
import {
	type Dataflow,
	type Edge,
	ENTERS,
	EXITS,
	MERGES,
	NEXT_ITERATIONS,
	SWITCHES,
} from "./edges.js";
import { groupBy } from "./grouping.js";

/** What changes from one iteration to the next: Merge takes Enter's value first, and NextIteration's from then on. */
export interface Variable {
	readonly merge: NodeDef;
	readonly enter: NodeDef;
	readonly next: Edge;
}

export interface Loop {
	readonly frame: string;
	/** All that enters, by name: the first values of variables, and what stays the same in all iterations. */
	readonly enters: ReadonlySet<NodeDef>;
	readonly variables: readonly Variable[];
	/** The LoopCond node. */
	readonly condition: NodeDef;
	readonly exits: readonly NodeDef[];
}

/** All loops of a scope, also those within others. */
export function findLoops(flow: Dataflow): Loop[] {
	const nodes = [...flow.scope.nodes.values()];
	const variables = groupBy(
		nodes.flatMap((node) => loopVariable(flow, node) ?? []),
		({ enter }) => frameOf(enter),
	);
	const enters = groupBy(
		nodes.filter(({ op }) => ENTERS.has(op)),
		frameOf,
	);
	const conditions = conditionsOf(flow, nodes, [...variables.values()].flat());
	const exits = groupBy(
		nodes.filter(({ op }) => EXITS.has(op)),
		(exit) => conditionLeft(flow, exit),
	);
	return [...variables].flatMap(([frame, all]) => {
		const condition = conditions.get(frame);
		if (condition === undefined) return [];
		return {
			frame,
			enters: new Set(enters.get(frame)),
			variables: all,
			condition,
			exits: exits.get(condition) ?? [],
		};
	});
}

function loopVariable(flow: Dataflow, merge: NodeDef): Variable | undefined {
	if (!MERGES.has(merge.op)) return undefined;
	const sources = flow.data(merge).map(({ source }) => source);
	const enter = sources.find((source) => source && ENTERS.has(source.op));
	const next = sources.find(
		(source) => source && NEXT_ITERATIONS.has(source.op),
	);
	if (enter === undefined || next === undefined) return undefined;
	return { merge, enter, next: flow.data(next)[0] };
}

/** What decides whether a loop goes on, by frame. A conditional within the loop's condition has Switches of its own. */
function conditionsOf(
	flow: Dataflow,
	nodes: readonly NodeDef[],
	variables: readonly Variable[],
): ReadonlyMap<string, NodeDef> {
	const frames = new Map(
		variables.map(({ merge, enter }) => [merge, frameOf(enter)]),
	);
	const conditions = new Map<string, NodeDef>();
	for (const node of nodes) {
		if (!SWITCHES.has(node.op)) continue;
		const [data, decides] = flow.data(node).map(({ source }) => source);
		const frame = data && frames.get(data);
		if (frame === undefined || decides?.op !== "LoopCond") continue;
		if (!conditions.has(frame)) conditions.set(frame, decides);
	}
	return conditions;
}

/** The condition of the loop whose Switch an Exit takes its value from. */
function conditionLeft(flow: Dataflow, exit: NodeDef): NodeDef | undefined {
	const { source } = flow.data(exit)[0];
	return source !== undefined && SWITCHES.has(source.op)
		? flow.data(source)[1].source
		: undefined;
}

function frameOf(enter: NodeDef): string {
	const name = nodeAttr(enter, "frame_name");
	return name?.case === "s" ? DECODER.decode(name.value) : "";
}

const DECODER = new TextDecoder();
