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
	return [...variables].flatMap(([frame, all]) => {
		const merges = new Set(all.map(({ merge }) => merge));
		// a conditional within the loop's condition has Switches of its own
		const condition = nodes
			.filter(({ op }) => SWITCHES.has(op))
			.map((node) => flow.data(node).map(({ source }) => source))
			.find(
				([data, decides]) =>
					data !== undefined && merges.has(data) && decides?.op === "LoopCond",
			)?.[1];
		if (condition === undefined) return [];
		return {
			frame,
			enters: new Set(enters.get(frame)),
			variables: all,
			condition,
			exits: nodes.filter(
				(node) => EXITS.has(node.op) && leaves(flow, node, condition),
			),
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

/** Whether an Exit takes its value from a Switch of this loop. */
function leaves(flow: Dataflow, exit: NodeDef, condition: NodeDef): boolean {
	const { source } = flow.data(exit)[0];
	if (source === undefined || !SWITCHES.has(source.op)) return false;
	return flow.data(source)[1].source === condition;
}

function frameOf(enter: NodeDef): string {
	const name = nodeAttr(enter, "frame_name");
	return name?.case === "s" ? DECODER.decode(name.value) : "";
}

const DECODER = new TextDecoder();
