import { fail, MlshipError } from "../../errors.js";
import { bodyNames } from "../../graph/bodies.js";
import { inferProgramTypes } from "../../graph/infer.js";
import type { Graph, Node, Port, Program, ValueName } from "../../graph/ir.js";
import { isStatic } from "../../ops/shapes.js";
import type { Constant } from "../../tensor/constant.js";
import { LiteBuilder, type LiteSource } from "./builder.js";
import type { LiteGraph, LiteModel, LitePort, LiteSignature } from "./graph.js";
import type { LiteContext, LiteValue } from "./lowering.js";
import { LITE_LOWERINGS, liteLack } from "./ops/index.js";
import { storedType } from "./storage.js";

/** A node without a form in TensorFlow Lite, with the reason. */
export interface LiteObstacle {
	readonly node: Node;
	readonly reason: string;
}

/** The model, which is worth nothing where there are obstacles: they are all that stands in its way. */
export interface LiteLowered {
	readonly model: LiteModel;
	readonly obstacles: readonly LiteObstacle[];
}

/** Lowers programs, after the passes, to one model with a signature each; weights stay unread. */
export function lowerToLite(programs: readonly Program[]): LiteLowered {
	const graphs: (LiteGraph | undefined)[] = programs.map(() => undefined);
	const obstacles: LiteObstacle[] = [];
	const shared = new Map<string, Constant>();
	const signatures = programs.map((program, place) => {
		obstacles.push(...keeping(program));
		const names = program.functions;
		const source: LiteSource = {
			types: inferProgramTypes(program),
			used: usedValues(program),
			producers: producersOf(program),
			graphs,
			shared,
			sizes: new Set(),
			bodyOf: (name) => {
				const body = names.get(name);
				if (body === undefined)
					throw fail("BUG", `the program has no body "${name}"`);
				return body;
			},
			lowerNodes: (builder, { nodes }) => {
				for (const node of nodes) {
					const reason = lowerNode(builder, node);
					if (reason !== undefined) obstacles.push({ node, reason });
				}
			},
		};
		return lowerProgram(program, source, place, obstacles);
	});
	return { obstacles, model: { graphs: graphs as LiteGraph[], signatures } };
}

function lowerProgram(
	program: Program,
	source: LiteSource,
	place: number,
	obstacles: LiteObstacle[],
): LiteSignature {
	const builder = new LiteBuilder(source);
	const inputs = program.inputs.flatMap((port) => {
		const reason = portObstacle(port);
		if (reason === undefined) return [bindInput(builder, port)];
		obstacles.push({ node: placeholder(port.name, port.value), reason });
		return [];
	});
	source.lowerNodes(builder, program);
	const made = program.outputs.map(({ value }) => builder.valueOf(value));
	builder.enter("outputs");
	const outputs = builder.apart(made, inputs);
	for (const [i, { name }] of program.outputs.entries())
		builder.rename(outputs[i], name);
	source.graphs[place] = builder.done(program.signature, inputs, outputs);
	const ports = (list: readonly Port[], values: readonly LiteValue[]) =>
		values.map(({ tensor }, i): LitePort => ({ name: list[i].name, tensor }));
	return {
		key: program.signature,
		inputs: ports(program.inputs, inputs),
		outputs: ports(program.outputs, outputs),
		graph: place,
	};
}

/** What is kept between runs, or made when a model is loaded, has no form. */
function keeping({ initializer, state }: Program): LiteObstacle[] {
	return [
		...initializer.nodes
			.filter(({ op }) => op !== "Const")
			.map((node) => ({ node, reason: "mlship fills no tables here" })),
		...state.map(({ name }) => ({
			node: placeholder(name, name),
			reason: "it is a variable that changes, and nothing keeps it",
		})),
	];
}

function bindInput(builder: LiteBuilder, port: Port): LiteValue {
	const value = builder.place(port.name, port);
	builder.bind(port.value, value);
	return value;
}

function portObstacle({ dtype }: Port): string | undefined {
	try {
		storedType(dtype);
		return undefined;
	} catch (error) {
		return reasonOf(error);
	}
}

/** Why the node has no form; `undefined` once it is lowered. */
function lowerNode(builder: LiteBuilder, node: Node): string | undefined {
	if (node.op === "Const") return undefined;
	const row = LITE_LOWERINGS[node.op];
	if (row === undefined || typeof row === "object") return liteLack(node.op);
	builder.enter(node.name);
	try {
		const context = builder.contextOf(node);
		const result = nothing(context) ?? row(context);
		for (const [i, value] of [result].flat().entries())
			if (i < node.outputs.length) builder.bind(node.outputs[i], value);
	} catch (error) {
		return reasonOf(error);
	}
	if (hasSmallValues(node, (input) => builder.isSize(input)))
		for (const output of node.outputs) builder.markSize(output);
	return undefined;
}

/** Tensors that are known to have no elements, for a node that makes no others: delegates mistake them for whole ones. */
function nothing({
	node,
	outputs,
	emit,
	ints,
	scalar,
}: LiteContext): readonly LiteValue[] | undefined {
	const isEmpty = outputs.every(
		({ shape, dtype }) =>
			isStatic(shape) && shape.includes(0) && dtype !== "string",
	);
	if (!isEmpty || bodyNames(node).length > 0) return undefined;
	return outputs.map((output) =>
		emit("FILL", [ints(output.shape ?? []), scalar(output.dtype, 0)], {
			dtype: storedType(output.dtype),
			shape: output.shape,
		}),
	);
}

function reasonOf(error: unknown): string {
	if (!(error instanceof MlshipError) || error.code === "BUG") throw error;
	return error.message;
}

/** Ops that say how large something is. */
const MEASURES: ReadonlySet<string> = new Set([
	"Shape",
	"ShapeN",
	"Size",
	"Rank",
]);

/** Whether the outputs of a node are sizes, places and what is computed from them. */
function hasSmallValues(
	{ op, inputs }: Node,
	isSmall: (input: ValueName) => boolean,
): boolean {
	return MEASURES.has(op) || (inputs.length > 0 && inputs.every(isSmall));
}

/** A port as if it were a node, for reports. */
function placeholder(name: string, value: ValueName): Node {
	return {
		name,
		op: "Placeholder",
		inputs: [],
		outputs: [value],
		attrs: {},
	};
}

function producersOf(program: Program): ReadonlyMap<ValueName, Node> {
	const graphs: readonly Graph[] = [program, ...program.functions.values()];
	return new Map(
		graphs.flatMap(({ nodes }) =>
			nodes.flatMap((node) =>
				node.outputs.map((output): [ValueName, Node] => [output, node]),
			),
		),
	);
}

function usedValues(program: Program): ReadonlySet<ValueName> {
	const used = new Set<ValueName>();
	const graphs: readonly Graph[] = [program, ...program.functions.values()];
	for (const { nodes, outputs } of graphs) {
		for (const { inputs } of nodes) for (const input of inputs) used.add(input);
		for (const { value } of outputs) used.add(value);
	}
	return used;
}
