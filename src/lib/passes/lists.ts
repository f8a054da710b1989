import {
	CONTROL_FORMS,
	type ControlForm,
	mapFunctions,
} from "../graph/bodies.js";
import { TypeMap } from "../graph/infer.js";
import type {
	Attr,
	Graph,
	Node,
	Port,
	Program,
	ValueName,
} from "../graph/ir.js";
import { listAttr } from "./bodies/ports.js";
import { LIST_RULES, type ListValue } from "./lists/rules.js";
import { makingFor } from "./made.js";

/** Whether a program has lists of tensors, and all that is opaque in it is one. */
export function hasLists(program: Program): boolean {
	const graphs = [program, ...program.functions.values()];
	const opaque = graphs.flatMap((graph) => {
		const types = new TypeMap(graph);
		return graph.nodes.filter((node) =>
			[
				...types.add(node),
				...node.inputs.map((input) => types.typeOf(input)),
			].some(({ dtype }) => dtype === "variant"),
		);
	});
	return (
		opaque.length > 0 &&
		opaque.every(({ op }) => op in LIST_RULES || op in CONTROL_FORMS)
	);
}

/**
 * Each list of tensors becomes one tensor, its elements stacked, for targets that have neither lists nor a host. All elements
 * must have one shape. Loops that count their rounds have lost their lists before (bodies/scan.ts). The program's bodies must
 * be prepared.
 */
export function withoutLists(program: Program): Program {
	const functions = new Map<string, Graph>();
	const { graph } = replaced(program, new Map(), { program, functions });
	for (const [name, body] of program.functions)
		if (!functions.has(name)) functions.set(name, body);
	return { ...program, ...graph, functions };
}

interface Bodies {
	readonly program: Program;
	/** Those that were replaced. */
	readonly functions: Map<string, Graph>;
}

type Lists = Map<ValueName, ListValue>;

function replaced(
	graph: Graph,
	given: ReadonlyMap<ValueName, ListValue>,
	bodies: Bodies,
): { readonly graph: Graph; readonly lists: Lists } {
	const types = new TypeMap(graph);
	const lists: Lists = new Map(given);
	const nodes: Node[] = [];
	for (const node of graph.nodes) {
		types.add(node);
		const form = CONTROL_FORMS[node.op];
		const rule = LIST_RULES[node.op];
		if (form !== undefined) nodes.push(control(node, form, lists, bodies));
		else if (rule === undefined) nodes.push(node);
		else {
			const { context, made } = makingFor(node, types);
			const results = rule({
				...context,
				list: (index) => lists.get(node.inputs[index]) as ListValue,
			});
			nodes.push(...made);
			for (const [i, output] of node.outputs.entries()) {
				const result = results[i];
				const value = typeof result === "string" ? result : result.rows;
				nodes.push(identity(output, value));
				if (typeof result !== "string")
					lists.set(output, { ...result, rows: output });
			}
		}
	}
	const port = (one: Port) => listPort(one, lists.get(one.value));
	const { inputs, outputs } = graph;
	return {
		graph: { inputs: inputs.map(port), outputs: outputs.map(port), nodes },
		lists,
	};
}

function identity(output: ValueName, value: ValueName): Node {
	return {
		name: `${output}/rows`,
		op: "Identity",
		inputs: [value],
		outputs: [output],
		attrs: {},
	};
}

function listPort(port: Port, list: ListValue | undefined): Port {
	return list === undefined
		? port
		: { ...port, dtype: list.dtype, shape: undefined };
}

/** A branch or loop passes tensors in the place of lists, of any shape. */
function control(
	node: Node,
	{ kind, first, inputTypes, outputTypes }: ControlForm,
	lists: Lists,
	{ program, functions }: Bodies,
): Node {
	const args = node.inputs.slice(first);
	mapFunctions(node.attrs, (key, reference) => {
		const body = program.functions.get(reference.function) as Graph;
		const given = new Map(
			body.inputs.flatMap(({ value }, i): [ValueName, ListValue][] => {
				const list = lists.get(args[i]);
				return list === undefined ? [] : [[value, { ...list, rows: value }]];
			}),
		);
		const made = replaced(body, given, { program, functions });
		functions.set(reference.function, made.graph);
		if (key === "cond") return reference;
		for (const [i, { value }] of body.outputs.entries()) {
			const list = made.lists.get(value);
			const output = node.outputs[i];
			if (list === undefined) continue;
			// what a loop takes may be open where what a round gives is not, as no round may come
			const isOpen =
				list.isOpen ||
				(lists.get(output)?.isOpen ?? false) ||
				(kind === "loop" && (lists.get(args[i])?.isOpen ?? false));
			lists.set(output, { rows: output, dtype: list.dtype, isOpen });
		}
		return reference;
	});
	const typed = (name: string, values: readonly ValueName[]): readonly Attr[] =>
		listAttr(node.attrs, name).map(
			(attr, i) => lists.get(values[i])?.dtype ?? attr,
		);
	return {
		...node,
		attrs: {
			...node.attrs,
			[inputTypes]: typed(inputTypes, args),
			[outputTypes]: typed(outputTypes, node.outputs),
			output_shapes: listAttr(node.attrs, "output_shapes").map((attr, i) =>
				lists.has(node.outputs[i]) ? { dims: undefined } : attr,
			),
		},
	};
}
