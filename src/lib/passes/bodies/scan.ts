import { functionAttr } from "../../graph/attrs.js";
import { CONTROL_FORMS } from "../../graph/bodies.js";
import { type GraphTypes, inferTypes } from "../../graph/infer.js";
import type { Attrs, Graph, Node, ValueName } from "../../graph/ir.js";
import type { Shape } from "../../tensor/tensor.js";
import { consumersOf, type Replacement, rewrite } from "../pass.js";
import { integerConstant } from "./constants.js";
import {
	type Count,
	type CountedLoop,
	countedLoop,
	isSameCount,
} from "./counted.js";
import { isInvariant } from "./loop.js";
import { listAttr } from "./ports.js";

/**
 * Loops that read rows from one list and write rows to another, a round a row, carry tensors instead: what is read is gathered
 * from the tensor that the list was made of, what is written comes back stacked (`_stacked` says how many such outputs a
 * loop has, behind those it carries). A runtime without lists can run them.
 */
export function scanLoops(graph: Graph, functions: Map<string, Graph>): Graph {
	if (!graph.nodes.some(isLoop)) return graph;
	const types = inferTypes(graph);
	const around: Around = {
		types,
		producers: producersOf(graph),
		consumers: consumersOf(graph),
		returned: new Set(graph.outputs.map(({ value }) => value)),
	};
	const stacks = new Map<ValueName, Replacement>();
	const loops = new Map<string, Node>();
	for (const node of graph.nodes) {
		const scanned = isLoop(node) ? scan(node, around, functions) : undefined;
		if (scanned === undefined) continue;
		loops.set(node.name, scanned.node);
		for (const [from, to] of scanned.stacks) stacks.set(from, to);
	}
	if (loops.size === 0) return graph;
	const scanned = rewrite(graph, ({ name }) => {
		const loop = loops.get(name);
		return loop && { nodes: [loop] };
	});
	// behind the loops, as one may read what another one stacked
	return rewrite(scanned, ({ outputs }) => stacks.get(outputs[0]));
}

/** What stands around a loop. */
interface Around {
	readonly types: GraphTypes;
	readonly producers: ReadonlyMap<ValueName, Node>;
	readonly consumers: ReadonlyMap<ValueName, readonly Node[]>;
	readonly returned: ReadonlySet<ValueName>;
}

interface Scanned {
	readonly node: Node;
	/** What stands in the place of what TensorListStack gave. */
	readonly stacks: ReadonlyMap<ValueName, Replacement>;
}

/** How a list that a loop carries becomes a tensor. */
type ListUse =
	| { readonly kind: "read"; readonly source: ValueName }
	| {
			readonly kind: "stack";
			readonly item: ValueName;
			readonly stacks: readonly Node[];
	  }
	| {
			readonly kind: "last";
			/** Which output of the loop is the only item after the last round. */
			readonly output: number;
			readonly stacks: readonly Node[];
	  };

function scan(
	node: Node,
	around: Around,
	functions: Map<string, Graph>,
): Scanned | undefined {
	const bodyName = functionAttr(node, "body");
	const condName = functionAttr(node, "cond");
	const [body, cond] = [functions.get(bodyName), functions.get(condName)];
	if (body === undefined || cond === undefined) return undefined;
	const counted = countedLoop(node, body, cond, around.types);
	if (counted === undefined) return undefined;
	const uses = new Map<number, ListUse>();
	for (const [i, { dtype }] of body.inputs.entries()) {
		if (dtype !== "variant") continue;
		const use =
			readList(node, body, i, around) ??
			writtenList(node, body, i, around, counted);
		if (use === undefined) return undefined;
		uses.set(i, use);
	}
	if (uses.size === 0) return undefined;
	functions.set(bodyName, scannedBody(body, uses, around.types));
	functions.set(condName, scannedCondition(cond, uses, around.types));
	return scannedNode(node, body, uses, around.types, counted.rounds);
}

/** A list made of a tensor, of which the body only gets items. */
function readList(
	node: Node,
	body: Graph,
	index: number,
	{ producers, consumers, returned }: Around,
): ListUse | undefined {
	const made = producers.get(node.inputs[index]);
	const output = node.outputs[index];
	if (
		made?.op !== "TensorListFromTensor" ||
		!isInvariant(body, index) ||
		consumers.has(output) ||
		returned.has(output)
	)
		return undefined;
	const { value } = body.inputs[index];
	const isRead = body.nodes.every(
		({ op, inputs }) =>
			!inputs.includes(value) ||
			(op === "TensorListGetItem" && inputs.lastIndexOf(value) === 0),
	);
	return isRead ? { kind: "read", source: made.inputs[0] } : undefined;
}

/**
 * A list that is stacked after the loop: with room for one item a round, set in order; or with room for one item, set in
 * every round to what the loop carries anyway.
 */
function writtenList(
	node: Node,
	body: Graph,
	index: number,
	{ producers, consumers, returned, types }: Around,
	{ counters, rounds }: CountedLoop,
): ListUse | undefined {
	const reserved = producers.get(node.inputs[index]);
	const stacks = consumers.get(node.outputs[index]) ?? [];
	const { value } = body.inputs[index];
	const users = body.nodes.filter(({ inputs }) => inputs.includes(value));
	const [set] = users;
	if (
		reserved?.op !== "TensorListReserve" ||
		users.length !== 1 ||
		set.op !== "TensorListSetItem" ||
		set.inputs[0] !== value ||
		set.outputs[0] !== body.outputs[index].value ||
		returned.has(node.outputs[index]) ||
		!stacks.every(({ op }) => op === "TensorListStack")
	)
		return undefined;
	const [, place, item] = set.inputs;
	const room = reserved.inputs[1];
	if (counters.has(place) && isSameCount(rounds, room, types))
		return { kind: "stack", item, stacks };
	const output = body.outputs.findIndex((port) => port.value === item);
	const isOnly =
		isSameCount({ known: 1 }, room, types) &&
		isSameCount({ known: 0 }, place, inferTypes(body));
	return isOnly && output >= 0 ? { kind: "last", output, stacks } : undefined;
}

function scannedBody(
	body: Graph,
	uses: ReadonlyMap<number, ListUse>,
	types: GraphTypes,
): Graph {
	const isKept = (_: unknown, i: number) => !isWritten(uses.get(i));
	const reads = new Set(
		body.inputs.flatMap(({ value }, i) =>
			uses.get(i)?.kind === "read" ? [value] : [],
		),
	);
	const written = new Set(
		body.outputs.flatMap(({ value }, i) =>
			isWritten(uses.get(i)) ? [value] : [],
		),
	);
	const nodes = body.nodes
		.filter(({ outputs }) => !written.has(outputs[0]))
		.flatMap((node) => (reads.has(node.inputs[0]) ? gathered(node) : [node]));
	return {
		inputs: typedInputs(body, uses, types),
		outputs: [
			...body.outputs
				.map((port, i) =>
					uses.get(i)?.kind === "read"
						? { ...port, dtype: readType(uses.get(i), types) }
						: port,
				)
				.filter(isKept),
			...[...uses].flatMap(([i, use]) =>
				use.kind === "stack" ? [{ ...body.outputs[i], value: use.item }] : [],
			),
		],
		nodes,
	};
}

function scannedCondition(
	cond: Graph,
	uses: ReadonlyMap<number, ListUse>,
	types: GraphTypes,
): Graph {
	return { ...cond, inputs: typedInputs(cond, uses, types) };
}

function typedInputs(
	{ inputs }: Graph,
	uses: ReadonlyMap<number, ListUse>,
	types: GraphTypes,
): Graph["inputs"] {
	return inputs
		.map((port, i) => {
			const use = uses.get(i);
			if (use?.kind !== "read") return port;
			const { dtype, shape } = types.typeOf(use.source);
			return { ...port, dtype, shape };
		})
		.filter((_, i) => !isWritten(uses.get(i)));
}

function readType(use: ListUse | undefined, types: GraphTypes) {
	return types.typeOf(use?.kind === "read" ? use.source : "").dtype;
}

/** Item `i` of a list is row `i` of the tensor that it was made of. */
function gathered(node: Node): readonly Node[] {
	const [list, index] = node.inputs;
	const axis = integerConstant(`${node.name}/axis`, 0);
	const row: Node = {
		...node,
		op: "GatherV2",
		inputs: [list, index, axis.outputs[0]],
		attrs: {
			batch_dims: 0,
			Tparams: node.attrs.element_dtype,
			Tindices: "int32",
			Taxis: "int32",
		},
	};
	return [axis, row];
}

function scannedNode(
	node: Node,
	body: Graph,
	uses: ReadonlyMap<number, ListUse>,
	types: GraphTypes,
	rounds: Count,
): Scanned {
	const bodyTypes = inferTypes(body);
	const isKept = (_: unknown, i: number) => !isWritten(uses.get(i));
	const stacked = [...uses].flatMap(([i, use]) =>
		use.kind === "stack" ? [{ ...use, output: node.outputs[i] }] : [],
	);
	const carried = listAttr(node.attrs, "T").map((dtype, i) => {
		const use = uses.get(i);
		return use?.kind === "read" ? types.typeOf(use.source).dtype : dtype;
	});
	const shapes = listAttr(node.attrs, "output_shapes").map((shape, i) =>
		uses.get(i)?.kind === "read" ? { dims: undefined } : shape,
	);
	const items = stacked.map(({ item }) => bodyTypes.typeOf(item));
	const inputs = node.inputs
		.map((input, i) => {
			const use = uses.get(i);
			return use?.kind === "read" ? use.source : input;
		})
		.filter(isKept);
	return {
		node: {
			...node,
			inputs,
			outputs: [
				...node.outputs.filter(isKept),
				...stacked.map(({ output }) => `${output}/stacked`),
			],
			attrs: {
				...node.attrs,
				T: [...carried.filter(isKept), ...items.map(({ dtype }) => dtype)],
				output_shapes: [
					...shapes.filter(isKept),
					...items.map(({ shape }) => ({
						dims: shape && ["known" in rounds ? rounds.known : -1, ...shape],
					})),
				],
				_stacked: stacked.length,
				...roundsAttr(rounds, inputs),
			},
		},
		stacks: new Map(
			[...uses].flatMap(([i, use]) =>
				use.kind === "read"
					? []
					: use.stacks.map(
							(stack) =>
								[
									stack.outputs[0],
									use.kind === "stack"
										? as(
												stack,
												`${node.outputs[i]}/stacked`,
												bodyTypes.typeOf(use.item).shape,
												types.typeOf(stack.outputs[0]).shape,
											)
										: alone(stack, node.outputs[use.output]),
								] as const,
						),
			),
		),
	};
}

/** Which input is the number of rounds (`_rounds`): who runs the loop needs not ask its condition. */
function roundsAttr(rounds: Count, inputs: readonly ValueName[]): Attrs {
	const index = "value" in rounds ? inputs.indexOf(rounds.value) : -1;
	return index < 0 ? {} : { _rounds: index };
}

/** Rows as they come, with the sizes that the list was known to have: those of no row say nothing. */
function as(
	stack: Node,
	value: ValueName,
	item: Shape,
	declared: Shape,
): Replacement {
	const [output] = stack.outputs;
	const row = declared?.slice(1);
	if (row === undefined || !isKnown(row) || isKnown(item))
		return { nodes: [], values: new Map([[output, value]]) };
	const sizes = integerConstant(`${stack.name}/sizes`, [-1, ...row]);
	const shaped: Node = {
		...stack,
		op: "Reshape",
		inputs: [value, sizes.outputs[0]],
		attrs: { T: stack.attrs.element_dtype, Tshape: "int32" },
	};
	return { nodes: [sizes, shaped] };
}

/** All sizes are known, and none is 0. */
function isKnown(shape: Shape): boolean {
	return shape?.every((size) => size > 0) ?? false;
}

/** The one item with a first axis of its own. */
function alone(stack: Node, value: ValueName): Replacement {
	const axis = integerConstant(`${stack.name}/axis`, 0);
	const row: Node = {
		...stack,
		op: "ExpandDims",
		inputs: [value, axis.outputs[0]],
		attrs: { T: stack.attrs.element_dtype, Tdim: "int32" },
	};
	return { nodes: [axis, row] };
}

function isWritten(use: ListUse | undefined): boolean {
	return use !== undefined && use.kind !== "read";
}

function producersOf({ nodes }: Graph): ReadonlyMap<ValueName, Node> {
	return new Map(
		nodes.flatMap((node) =>
			node.outputs.map((output) => [output, node] as const),
		),
	);
}

function isLoop({ op }: Node): boolean {
	return CONTROL_FORMS[op]?.kind === "loop";
}
