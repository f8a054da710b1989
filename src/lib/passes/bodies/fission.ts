import { functionAttr, intAttr } from "../../graph/attrs.js";
import { CONTROL_FORMS } from "../../graph/bodies.js";
import { type GraphTypes, inferProgramTypes } from "../../graph/infer.js";
import type { Graph, Node, Program, ValueName } from "../../graph/ir.js";
import { batchedNode } from "./batching.js";

/** Whether a node has to be computed apart from its neighbours, such as the decoding of one file. */
export type IsApart = (node: Node, types: GraphTypes) => boolean;

/**
 * Cuts loops over rows in two where a part of their body has to run row by row: that part stays in the loop, and what is
 * left runs once on all of its rows that have one shape (`_rows` names it). Only loops whose rows do not depend on one
 * another are cut: `map_fn` over files of pictures, of which decoding is apart, and scaling and resizing are not.
 */
export function fissionLoops(program: Program, isApart: IsApart): Program {
	const graphs = [program, ...program.functions.values()];
	if (!graphs.some(({ nodes }) => nodes.some(isLoopOverRows))) return program;
	const types = inferProgramTypes(program);
	const functions = new Map(program.functions);
	const cut = (node: Node): Node => {
		if (!isLoopOverRows(node) || !isApart(node, types)) return node;
		const name = functionAttr(node, "body");
		const parts = cutBody(functions.get(name) as Graph, node, types, isApart);
		if (parts === undefined) return node;
		const rest = `${name}/rows`;
		functions.set(name, parts.body);
		functions.set(rest, parts.rest);
		return { ...node, attrs: { ...node.attrs, _rows: { function: rest } } };
	};
	const nodes = program.nodes.map(cut);
	for (const name of program.functions.keys()) {
		const body = functions.get(name) as Graph;
		functions.set(name, { ...body, nodes: body.nodes.map(cut) });
	}
	return { ...program, nodes, functions };
}

function isLoopOverRows(node: Node): boolean {
	return (
		CONTROL_FORMS[node.op]?.kind === "loop" && node.attrs._stacked !== undefined
	);
}

interface Parts {
	readonly body: Graph;
	readonly rest: Graph;
}

function cutBody(
	body: Graph,
	node: Node,
	types: GraphTypes,
	isApart: IsApart,
): Parts | undefined {
	const carried = body.outputs.length - intAttr(node, "_stacked");
	const items = body.outputs.slice(carried);
	const first = firstPart(body, carried, types, isApart);
	const later = body.nodes.filter(
		(one) => !first.has(one) && types.constantOf(one.outputs[0]) === undefined,
	);
	const made = new Set(later.flatMap(({ outputs }) => outputs));
	if (later.length === 0 || !items.every(({ value }) => made.has(value)))
		return undefined;
	const used = later.flatMap(({ inputs }) => inputs);
	const cuts = [...new Set(used)].filter(
		(value) => !made.has(value) && types.constantOf(value) === undefined,
	);
	if (cuts.some((value) => types.typeOf(value).dtype === "variant"))
		return undefined;
	const rest = batchedGraph(later, cuts, body, items, types);
	if (rest === undefined) return undefined;
	return {
		body: {
			inputs: body.inputs,
			nodes: body.nodes.filter((one) => !later.includes(one)),
			outputs: [
				...body.outputs.slice(0, carried),
				...cuts.map((value) => ({
					name: value,
					value,
					...types.typeOf(value),
				})),
			],
		},
		rest,
	};
}

/** What has to run row by row: what is apart, what the loop carries, and all that these depend on. */
function firstPart(
	{ nodes, outputs }: Graph,
	carried: number,
	types: GraphTypes,
	isApart: IsApart,
): ReadonlySet<Node> {
	const wanted = new Set<ValueName>(
		outputs.slice(0, carried).map(({ value }) => value),
	);
	const first = new Set<Node>();
	for (const node of nodes.toReversed()) {
		if (
			!isApart(node, types) &&
			!node.outputs.some((output) => wanted.has(output))
		)
			continue;
		first.add(node);
		for (const input of node.inputs) wanted.add(input);
	}
	return first;
}

/** Nodes on values that have a row axis; `undefined` if one of them has no such form. Constants are given other names. */
function batchedGraph(
	later: readonly Node[],
	cuts: readonly ValueName[],
	body: Graph,
	items: Graph["outputs"],
	types: GraphTypes,
): Graph | undefined {
	const batched = new Set<ValueName>([
		...cuts,
		...later.flatMap(({ outputs }) => outputs),
	]);
	const nodes: Node[] = [];
	const own = new Map<ValueName, ValueName>(
		cuts.map((value) => [value, `${value}/rows`]),
	);
	for (const { name, op, outputs, ...constant } of body.nodes) {
		const [value] = outputs;
		const isUsed = later.some(({ inputs }) => inputs.includes(value));
		if (!isUsed || types.constantOf(value) === undefined) continue;
		own.set(value, `${value}/rows`);
		nodes.push({
			...constant,
			op,
			name: `${name}/rows`,
			outputs: [`${value}/rows`],
		});
	}
	for (const node of later) {
		const isBatched = (value: ValueName) => batched.has(value);
		const made = batchedNode({ node, types, isBatched });
		if (made === undefined) return undefined;
		for (const one of made) {
			const inputs = one.inputs.map((value) => own.get(value) ?? value);
			nodes.push({ ...one, inputs });
		}
	}
	const inputs = cuts.map((value) => {
		const { dtype, shape } = types.typeOf(value);
		const name = `${value}/rows`;
		return { name, value: name, dtype, shape: shape && [-1, ...shape] };
	});
	return { inputs, outputs: items, nodes };
}
