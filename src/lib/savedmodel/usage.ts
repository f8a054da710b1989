import type { FunctionDef, GraphDef, NodeDef } from "../../gen/graph_pb.js";
import { fail } from "../errors.js";
import { byName, nodeName, resourceOf, VARIABLE_OPS } from "./restore.js";

/** What outputs of the main graph need: nodes, also those inside functions, and variables. */
export interface Usage {
	/** Each once, those of functions included; calls of functions are nodes too. */
	readonly nodes: ReadonlySet<NodeDef>;
	/** Names of the functions that are called. */
	readonly functions: ReadonlySet<string>;
	/** Nodes that use a variable's value, Identity aside, by the variable's resource (`resourceOf`); in the order of the walk. */
	readonly readers: ReadonlyMap<string, readonly NodeDef[]>;
}

/** Walks the main graph back from tensors, and into every function on the way. Fails with CORRUPT for endless recursion. */
export function findUsage(
	graph: GraphDef,
	tensorNames: Iterable<string>,
): Usage {
	const walk = new UsageWalk(graph);
	walk.fromOutputs(graph.node, tensorNames);
	return walk;
}

/**
 * Control flow passes what comes after these inputs to its functions (core/ops/functional_ops.cc). Any other operation
 * that names a function takes its captures in a way of its own, which is not followed.
 */
const INPUTS_BEFORE_ARGUMENTS: Readonly<Record<string, number>> = {
	PartitionedCall: 0,
	StatefulPartitionedCall: 0,
	While: 0,
	StatelessWhile: 0,
	If: 1,
	StatelessIf: 1,
	Case: 1,
	StatelessCase: 1,
};

/** Which variable a name stands for, in the main graph or in one call of a function. */
interface Frame {
	readonly nodes: ReadonlyMap<string, NodeDef>;
	readonly args: ReadonlyMap<string, string | undefined>;
	readonly depth: number;
}

/** Functions that call each other twice a level grow beyond any limit; the largest real graphs have some 100,000 nodes. */
const MAX_VISITS = 5_000_000;
const MAX_DEPTH = 200;

class UsageWalk implements Usage {
	readonly nodes = new Set<NodeDef>();
	readonly functions = new Set<string>();
	readonly readers = new Map<string, NodeDef[]>();
	private readonly library: ReadonlyMap<string, FunctionDef>;
	private readonly bodies = new Map<FunctionDef, Frame["nodes"]>();
	private readonly seenCalls = new Set<string>();
	private readonly plainOps = new Set<string>();
	private visits = 0;

	constructor(graph: GraphDef) {
		this.library = new Map(
			graph.library?.function.map((f) => [f.signature?.name ?? "", f]),
		);
	}

	fromOutputs(nodes: readonly NodeDef[], tensorNames: Iterable<string>): void {
		const known = byName(nodes);
		const frame = { nodes: known, args: new Map(), depth: 0 };
		const found = new Set<NodeDef>();
		const waiting = [...tensorNames];
		for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
			const node = known.get(nodeName(next));
			if (node === undefined || found.has(node)) continue;
			found.add(node);
			for (const input of node.input) waiting.push(input);
		}
		for (const node of nodes) if (found.has(node)) this.visit(node, frame);
	}

	private visit(node: NodeDef, frame: Frame): void {
		if (frame.depth > MAX_DEPTH || ++this.visits > MAX_VISITS)
			throw fail(
				"CORRUPT",
				`cannot follow the calls of functions: they are more than ${MAX_DEPTH} deep or ${MAX_VISITS} nodes long`,
				{ at: { node: node.name, op: node.op } },
			);
		this.nodes.add(node);
		const called = this.callees(node);
		if (called.length === 0) this.noteReads(node, frame);
		const before =
			INPUTS_BEFORE_ARGUMENTS[node.op] ??
			(this.library.has(node.op) ? 0 : node.input.length);
		const args = node.input
			.slice(before)
			.map((input) => variableBehind(input, frame));
		for (const body of called) this.enter(body, args, frame.depth + 1);
	}

	/** Every function that a node names, in an attribute or as its operation. */
	private calledBy({ op, attr }: NodeDef): FunctionDef[] {
		const names = [op];
		for (const { value } of Object.values(attr)) {
			if (value.case === "func") names.push(value.value.name);
			if (value.case === "list")
				for (const { name } of value.value.func) names.push(name);
		}
		return names
			.map((name) => this.library.get(name))
			.filter((body) => body !== undefined);
	}

	/** Which attributes are functions is a matter of the operation, so that one node of each tells. */
	private callees(node: NodeDef): FunctionDef[] {
		if (this.plainOps.has(node.op)) return [];
		const called = this.calledBy(node);
		if (called.length === 0) this.plainOps.add(node.op);
		return called;
	}

	/** A call that is made again with the same variables shows nothing new. */
	private enter(
		body: FunctionDef,
		args: readonly (string | undefined)[],
		depth: number,
	): void {
		const name = body.signature?.name ?? "";
		const call = JSON.stringify([name, args]);
		if (this.seenCalls.has(call)) return;
		this.seenCalls.add(call);
		this.functions.add(name);
		const names = body.signature?.inputArg ?? [];
		const frame = {
			nodes: this.body(body),
			args: new Map(names.map((arg, i) => [arg.name, args[i]])),
			depth,
		};
		for (const node of body.nodeDef) this.visit(node, frame);
	}

	private body(body: FunctionDef): Frame["nodes"] {
		const known = this.bodies.get(body) ?? byName(body.nodeDef);
		this.bodies.set(body, known);
		return known;
	}

	private noteReads(node: NodeDef, frame: Frame): void {
		for (const input of node.input) {
			const resource = input.startsWith("^")
				? undefined
				: variableBehind(input, frame);
			if (resource === undefined) continue;
			const readers = this.readers.get(resource) ?? [];
			if (node.op !== "Identity") readers.push(node);
			this.readers.set(resource, readers);
		}
	}
}

const MAX_IDENTITIES = 100;

function variableBehind(input: string, frame: Frame): string | undefined {
	let name = nodeName(input);
	for (let i = 0; i < MAX_IDENTITIES; i++) {
		if (frame.args.has(name)) return frame.args.get(name);
		const node = frame.nodes.get(name);
		if (node === undefined) return undefined;
		if (VARIABLE_OPS.has(node.op)) return resourceOf(node);
		if (node.op !== "Identity" || node.input.length === 0) return undefined;
		name = nodeName(node.input[0]);
	}
	return undefined;
}
