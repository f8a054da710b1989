import { boolAttr, dtypeAttr, shapeAttr } from "../graph/attrs.js";
import {
	CONTROL_FORMS,
	type ControlForm,
	mapFunctions,
} from "../graph/bodies.js";
import { TypeMap } from "../graph/infer.js";
import type {
	Attr,
	Attrs,
	Graph,
	Node,
	Port,
	Program,
	ValueName,
} from "../graph/ir.js";
import type { ExpandContext } from "../ops/define.js";
import { tensorFromNumbers } from "../tensor/numbers.js";
import { listAttr } from "./bodies/ports.js";
import { withDefaults } from "./expand.js";
import { makingFor } from "./made.js";

/** An array of TensorFlow 1, as a list that takes the way of its `flow`. */
interface ArrayValue {
	/** The handle says nothing any more, and is a number. */
	readonly isHandle: boolean;
	readonly attrs: Attrs;
	readonly shape: readonly number[] | undefined;
	readonly isDynamic: boolean;
	/** How many elements a list has that nothing was put into. */
	readonly emptySize?: ValueName | undefined;
}

type Arrays = Map<ValueName, ArrayValue>;

/** Whether a program has arrays of TensorFlow 1, and all that is done with them has a form for lists. */
export function hasArrays(program: Program): boolean {
	const nodes = [program, ...program.functions.values()].flatMap(
		(graph) => graph.nodes,
	);
	const used = nodes.filter(({ op }) => op.startsWith("TensorArray"));
	return used.length > 0 && used.every(({ op }) => op === MAKER || op in RULES);
}

/**
 * Arrays of TensorFlow 1 become lists of TensorFlow 2: what orders their operations, the `flow`, becomes the list itself. So
 * passes and targets that know lists know arrays.
 */
export function arraysAsLists(program: Program): Program {
	const functions = new Map(program.functions);
	const { graph } = replaced(program, new Map(), { program, functions });
	return { ...program, ...graph, functions };
}

interface Bodies {
	readonly program: Program;
	readonly functions: Map<string, Graph>;
}

function replaced(
	graph: Graph,
	given: ReadonlyMap<ValueName, ArrayValue>,
	bodies: Bodies,
): { readonly graph: Graph; readonly arrays: Arrays } {
	const types = new TypeMap(graph);
	const arrays: Arrays = new Map(given);
	const nodes: Node[] = [];
	for (const node of graph.nodes) {
		types.add(node);
		const form = CONTROL_FORMS[node.op];
		const rule = RULES[node.op];
		const { context, made } = makingFor(node, types);
		if (form !== undefined) nodes.push(control(node, form, arrays, bodies));
		else if (node.op === MAKER) {
			const reserved = fresh(context, arrays);
			nodes.push(...made, ...reserved);
		} else if (rule !== undefined) {
			const flow = node.inputs.at(-1) as ValueName;
			const list = arrays.get(flow);
			if (list === undefined) {
				nodes.push(node);
				continue;
			}
			const result = rule(context, list, flow);
			if (result === undefined) continue;
			nodes.push(...made, { ...result, outputs: node.outputs });
			for (const output of node.outputs)
				if (types.typeOf(output).dtype === "float32" && FLOWS.has(node.op))
					arrays.set(output, { ...list, emptySize: undefined });
		} else {
			nodes.push(node);
			const passed = arrays.get(node.inputs[0]);
			if (passed !== undefined && HANDS_ON.has(node.op))
				arrays.set(node.outputs[0], passed);
		}
	}
	const port = (one: Port): Port => {
		const array = arrays.get(one.value);
		if (array === undefined) return one;
		return { ...one, dtype: array.isHandle ? "int32" : "variant" };
	};
	const { inputs, outputs } = graph;
	return {
		graph: { inputs: inputs.map(port), outputs: outputs.map(port), nodes },
		arrays,
	};
}

const HANDS_ON: ReadonlySet<string> = new Set(["Identity"]);

const MAKER = "TensorArrayV3";

const FLOWS: ReadonlySet<string> = new Set([
	"TensorArrayWriteV3",
	"TensorArrayScatterV3",
	"TensorArraySplitV3",
]);

function fresh(context: ExpandContext, arrays: Arrays): readonly Node[] {
	const { node, inputs } = context;
	const [handle, flow] = node.outputs;
	const dims = shapeAttr(node, "element_shape");
	const array: ArrayValue = {
		isHandle: false,
		attrs: { element_dtype: dtypeAttr(node, "dtype"), shape_type: "int32" },
		shape: dims,
		isDynamic: boolAttr(node, "dynamic_size"),
		emptySize: inputs[0],
	};
	arrays.set(handle, { ...array, isHandle: true });
	arrays.set(flow, array);
	return [
		{
			name: `${node.name}/handle`,
			op: "Identity",
			inputs: [context.scalar("int32", 0)],
			outputs: [handle],
			attrs: withDefaults("Identity", { T: "int32" }),
		},
		{
			...listNode(context, "TensorListReserve", array, [
				shapeInput(context, dims),
				inputs[0],
			]),
			outputs: [flow],
		},
	];
}

/** A vector of sizes, or -1 for any shape. */
function shapeInput(
	{ constantOf, scalar }: ExpandContext,
	dims: readonly number[] | undefined,
): ValueName {
	return dims === undefined
		? scalar("int32", -1)
		: constantOf(tensorFromNumbers("int32", [dims.length], dims));
}

type Made = Omit<Node, "outputs">;

function listNode(
	{ node }: ExpandContext,
	op: string,
	{ attrs }: ArrayValue,
	inputs: readonly ValueName[],
	more: Attrs = {},
): Made {
	return {
		name: node.name,
		op,
		inputs,
		attrs: withDefaults(op, { ...attrs, ...more }),
	};
}

/** What takes the place of a node, given the list that its flow is; nothing for what has no effect on a list. */
type Rule = (
	context: ExpandContext,
	list: ArrayValue,
	flow: ValueName,
) => Made | undefined;

const RULES: Readonly<Record<string, Rule | undefined>> = {
	TensorArrayWriteV3: (context, list, flow) =>
		listNode(
			context,
			"TensorListSetItem",
			list,
			[flow, context.inputs[1], context.inputs[2]],
			{ resize_if_index_out_of_bounds: list.isDynamic },
		),
	TensorArrayReadV3: (context, list, flow) =>
		listNode(context, "TensorListGetItem", list, [
			flow,
			context.inputs[1],
			shapeInput(context, list.shape),
		]),
	TensorArrayGatherV3: (context, list, flow) =>
		listNode(context, "TensorListGather", list, [
			flow,
			context.inputs[1],
			shapeInput(context, shapeAttr(context.node, "element_shape")),
		]),
	TensorArrayScatterV3: (context, list, flow) =>
		list.emptySize === undefined
			? listNode(context, "TensorListScatterIntoExistingList", list, [
					flow,
					context.inputs[2],
					context.inputs[1],
				])
			: listNode(context, "TensorListScatterV2", list, [
					context.inputs[2],
					context.inputs[1],
					shapeInput(context, list.shape),
					list.emptySize,
				]),
	TensorArraySplitV3: (context, list) =>
		listNode(context, "TensorListSplit", list, [
			context.inputs[1],
			shapeInput(context, list.shape),
			context.inputs[2],
		]),
	TensorArrayConcatV3: (context, list, flow) =>
		listNode(context, "TensorListConcatV2", list, [
			flow,
			shapeInput(context, undefined),
			context.constantOf(tensorFromNumbers("int64", [0], [])),
		]),
	TensorArraySizeV3: (context, list, flow) =>
		listNode(context, "TensorListLength", list, [flow]),
	TensorArrayCloseV3: () => undefined,
};

/** A branch or loop passes a list in the place of a flow. */
function control(
	node: Node,
	{ first, inputTypes, outputTypes }: ControlForm,
	arrays: Arrays,
	bodies: Bodies,
): Node {
	const args = node.inputs.slice(first);
	mapFunctions(node.attrs, (key, reference) => {
		const body = bodies.program.functions.get(reference.function) as Graph;
		const given = new Map(
			body.inputs.flatMap(({ value }, i): [ValueName, ArrayValue][] => {
				const array = arrays.get(args[i]);
				return array === undefined
					? []
					: [[value, { ...array, emptySize: undefined }]];
			}),
		);
		const made = replaced(body, given, bodies);
		bodies.functions.set(reference.function, made.graph);
		if (key === "cond") return reference;
		for (const [i, { value }] of body.outputs.entries()) {
			const array = made.arrays.get(value);
			if (array !== undefined) arrays.set(node.outputs[i], array);
		}
		return reference;
	});
	const typed = (name: string, values: readonly ValueName[]): readonly Attr[] =>
		listAttr(node.attrs, name).map((attr, i) => {
			const array = arrays.get(values[i]);
			if (array === undefined) return attr;
			return array.isHandle ? "int32" : "variant";
		});
	return {
		...node,
		attrs: {
			...node.attrs,
			[inputTypes]: typed(inputTypes, args),
			[outputTypes]: typed(outputTypes, node.outputs),
		},
	};
}
