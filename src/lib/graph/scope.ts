import type { FunctionDef, GraphDef, NodeDef } from "../../gen/graph_pb.js";
import { fail } from "../errors.js";
import { EFFECTS } from "../ops/effects.js";
import { opDef, outputIndex } from "../ops/opdef.js";
import { readAttrs, type Substitution } from "./attr-values.js";
import type { ValueName } from "./ir.js";
import { dependenciesFirst } from "./order.js";

/** The nodes of a graph or of one call of a function, while they are inlined. */
export interface Scope {
	/** What the names of its nodes start with in the Program: "" or `call/`. */
	readonly prefix: string;
	/** Control flow of TensorFlow 1 among them is replaced before they are inlined. */
	readonly nodes: Map<string, NodeDef>;
	/** The function that is called, of a call. */
	readonly definition?: FunctionDef;
	/** Tensors given from outside, by reference: fed tensors `x:0` of a graph, arguments `x` of a function. */
	readonly given: ReadonlyMap<string, ValueName>;
	readonly substitution: Substitution;
	/** The flat outputs of the nodes inlined so far. */
	readonly values: Map<string, readonly ValueName[]>;
}

/** A reference to a tensor: `node`, `node:1` in graphs, `node:output:1` in functions, `^node` for control. */
export interface Reference {
	readonly control: boolean;
	readonly node: string;
	/** The output argument's name, in functions. */
	readonly output?: string;
	readonly index: number;
}

export function parseReference(text: string): Reference {
	if (text.startsWith("^"))
		return { control: true, node: text.slice(1), index: 0 };
	const parts = text.split(":");
	const index = parts.length === 1 ? 0 : Number(parts[parts.length - 1]);
	if (parts.length > 3 || !Number.isSafeInteger(index) || index < 0)
		throw fail(
			"CORRUPT",
			`cannot read the tensor reference "${text}": wanted node, node:index or node:output:index`,
		);
	return parts.length === 3
		? { control: false, node: parts[0], output: parts[1], index }
		: { control: false, node: parts[0], index };
}

export function graphScope(
	graph: GraphDef,
	given: ReadonlyMap<string, ValueName>,
): Scope {
	return {
		prefix: "",
		nodes: byName(graph.node),
		given,
		substitution: {},
		values: new Map(),
	};
}

/** The scope of one call: arguments are what the caller passes, in order. */
export function callScope(
	definition: FunctionDef,
	prefix: string,
	args: readonly ValueName[],
	substitution: Substitution,
): Scope {
	const names = definition.signature?.inputArg.map(({ name }) => name) ?? [];
	if (names.length !== args.length)
		throw fail(
			"CORRUPT",
			`cannot call function "${definition.signature?.name}": it takes ${names.length} arguments, ${args.length} are given`,
			{ at: { node: prefix } },
		);
	const given = new Map(names.map((name, i) => [name, args[i]]));
	return {
		prefix,
		nodes: byName(definition.nodeDef),
		definition,
		given,
		substitution,
		values: new Map(),
	};
}

/** What the inlining of a scope must know of the function library. */
export interface Library {
	/** Grows by the branches and bodies that control flow of TensorFlow 1 is made into. */
	readonly functions: Map<string, FunctionDef>;
	/** Whether a node does something beside returning values, itself or in a function that it calls. */
	hasEffect(node: NodeDef): boolean;
}

/** `effects` are the ops that do something beside returning values. */
export function readLibrary(
	graph: GraphDef,
	effects: ReadonlySet<string> = EFFECTS,
): Library {
	const functions = new Map(
		graph.library?.function.map((definition) => [
			definition.signature?.name ?? "",
			definition,
		]),
	);
	const known = new Map<string, boolean>();
	const nodesOf = (name: string) => functions.get(name)?.nodeDef ?? [];
	const calledBy = (name: string) =>
		known.has(name)
			? []
			: nodesOf(name).flatMap((node) => calledFunctions(node, functions));
	const hasEffect = (node: NodeDef): boolean => {
		if (effects.has(node.op)) return true;
		const called = calledFunctions(node, functions);
		if (called.length === 0) return false;
		if (!called.every((name) => known.has(name)))
			for (const name of dependenciesFirst(called, calledBy))
				if (!known.has(name))
					known.set(name, nodesOf(name).some(hasKnownEffect));
		return called.some((name) => known.get(name));
	};
	const hasKnownEffect = (node: NodeDef): boolean =>
		effects.has(node.op) ||
		calledFunctions(node, functions).some((name) => known.get(name));
	return { functions, hasEffect };
}

/**
 * The nodes that must be inlined for `roots`, dependencies first: those whose values are needed, and those with an effect
 * that a control dependency demands.
 */
export function neededNodes(
	scope: Scope,
	roots: readonly string[],
	library: Library,
): NodeDef[] {
	const find = (reference: string) => findNode(scope, reference);
	const rootNodes = roots.flatMap(find);
	const all = dependenciesFirst(rootNodes, (node) => node.input.flatMap(find));
	const dataRoots = [
		...roots.filter((root) => !root.startsWith("^")).flatMap(find),
		...all.filter(library.hasEffect),
	];
	const data = new Set(
		dependenciesFirst(dataRoots, (node) =>
			node.input.filter((input) => !input.startsWith("^")).flatMap(find),
		),
	);
	return all.filter((node) => data.has(node));
}

/** Which of all outputs of its node a reference means. */
export function outputPosition(
	{ nodes, substitution }: Scope,
	{ functions }: Library,
	{ node, output, index }: Reference,
): number {
	const source = nodes.get(node);
	if (source === undefined || output === undefined) return index;
	const called = functions.get(source.op)?.signature;
	if (called !== undefined)
		return called.outputArg.findIndex(({ name }) => name === output) + index;
	const definition = opDef(source.op);
	if (definition === undefined) return index;
	const attrs = readAttrs(source, definition, substitution);
	return outputIndex(definition, attrs, output, index);
}

/** The name under which a tensor may be given from outside. */
export function givenKey({ node, index, output }: Reference): string {
	return output === undefined && index > 0 ? `${node}:${index}` : node;
}

function findNode(scope: Scope, text: string): readonly NodeDef[] {
	const reference = parseReference(text);
	if (!reference.control && scope.given.has(givenKey(reference))) return [];
	const node = scope.nodes.get(reference.node);
	if (node !== undefined) return [node];
	if (reference.control && scope.given.has(reference.node)) return [];
	throw fail(
		"CORRUPT",
		`cannot find node "${scope.prefix}${reference.node}": the graph refers to "${text}"`,
		{ at: { node: reference.node } },
	);
}

function calledFunctions(
	node: NodeDef,
	functions: ReadonlyMap<string, FunctionDef>,
): string[] {
	const named: string[] = [];
	// every node is asked this often, and few have any
	for (const { value } of Object.values(node.attr)) {
		if (value.case === "func") named.push(value.value.name);
		if (value.case === "list")
			for (const { name } of value.value.func) named.push(name);
	}
	return functions.has(node.op) ? [node.op, ...named] : named;
}

function byName(nodes: readonly NodeDef[]): Map<string, NodeDef> {
	return new Map(nodes.map((node) => [node.name, node]));
}
