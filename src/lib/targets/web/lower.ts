import { fail, MlshipError } from "../../errors.js";
import { inferTypes } from "../../graph/infer.js";
import type { Graph, Node, Port, Program, ValueName } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import { hasSmallValues, takesComplex } from "./arithmetic.js";
import { type, typeName, webShape } from "./attrs.js";
import { WebBuilder, WebNames } from "./builder.js";
import type { WebContext } from "./lowering.js";
import { controlRows } from "./ops/control.js";
import { WEB_LOWERINGS, webLack } from "./ops/index.js";
import { type WebWeight, webStorage } from "./storage.js";
import type {
	Topology,
	WebArg,
	WebFunction,
	WebSignature,
	WebTensorInfo,
} from "./topology.js";

/** A program as TensorFlow.js has it: what a model.json says, and the weights that lie beside it. */
export interface WebModel {
	readonly topology: Topology;
	readonly signature: WebSignature;
	readonly weights: readonly WebWeight[];
}

/** A node without a form in TensorFlow.js, with the reason. */
export interface WebObstacle {
	readonly node: Node;
	readonly reason: string;
}

/** The model, which is worth nothing where there are obstacles: they are all that stands in its way. */
export interface WebLowered {
	readonly model: WebModel;
	readonly obstacles: readonly WebObstacle[];
}

/** Lowers a program, after the passes, to a graph model of TensorFlow.js; weights stay unread. */
export function lowerToWeb(program: Program): WebLowered {
	const names = new WebNames();
	const obstacles: WebObstacle[] = [];
	const functions = new Map<string, WebFunction | undefined>();
	const addBody = (name: string): readonly boolean[] => {
		const body = program.functions.get(name);
		if (body === undefined)
			throw fail("BUG", `the program has no body "${name}"`);
		if (!functions.has(name)) {
			// known before it is made: it may name itself
			functions.set(name, undefined);
			functions.set(name, lowerBody(name, body, names, obstacles, addBody));
		}
		return body.inputs.map(isWanted);
	};
	const builder = lowerGraph(program, names, obstacles, addBody);
	const placeholders = Object.fromEntries(
		program.inputs.map((port) => [port.name, infoOf(builder.inputs, port)]),
	);
	obstacles.push(
		...program.initializer.nodes
			.filter(({ op }) => op !== "Const")
			.map(initializing),
	);
	return {
		obstacles,
		model: {
			topology: {
				node: builder.nodes,
				library: {
					function: [...functions.values()].filter(
						(body) => body !== undefined,
					),
				},
				// of TensorFlow 2.21, the registry that our attributes are read with
				versions: { producer: 2348 },
			},
			signature: {
				inputs: placeholders,
				outputs: Object.fromEntries(
					program.outputs.map((port) => [
						port.name,
						infoOf(builder.outputs, port),
					]),
				),
			},
			weights: names.weights,
		},
	};
}

interface LoweredGraph {
	readonly nodes: WebBuilder["nodes"];
	/** The node of each port, by the port's name. */
	readonly inputs: ReadonlyMap<string, string>;
	readonly outputs: ReadonlyMap<string, string>;
}

function lowerGraph(
	graph: Graph,
	names: WebNames,
	obstacles: WebObstacle[],
	addBody: WebContext["body"],
	prefix = "",
): LoweredGraph {
	const types = inferTypes(graph);
	const builder = new WebBuilder(
		names,
		types,
		usedValues(graph),
		addBody,
		prefix,
	);
	const isBody = prefix !== "";
	const inputs = new Map<string, string>();
	const ports = (list: readonly Port[]) =>
		isBody ? list.filter(isWanted) : list;
	for (const port of ports(graph.inputs)) {
		const name = builder.reserve(port.name);
		inputs.set(port.name, name);
		builder.bind(port.value, name);
		if (!isBody)
			builder.nodes.push({
				name,
				op: "Placeholder",
				attr: {
					dtype: type(port.dtype),
					shape: { shape: webShape(port.shape) },
				},
			});
		noteType(port, obstacles);
	}
	for (const node of graph.nodes) {
		const reason = lowerNode(builder, node);
		if (reason !== undefined) obstacles.push({ node, reason });
	}
	const outputs = new Map<string, string>();
	for (const port of ports(graph.outputs)) {
		noteType(port, obstacles);
		// a node of its own: two outputs may be one value, or an input
		const name = builder.reserve(isBody ? `${port.name}/output` : port.name);
		outputs.set(port.name, name);
		builder.nodes.push({
			name,
			op: "Identity",
			input: [builder.valueOf(port.value)],
			attr: { T: type(port.dtype) },
		});
	}
	return { nodes: builder.nodes, inputs, outputs };
}

/** Why the node has no form; `undefined` once it is lowered. */
function lowerNode(builder: WebBuilder, node: Node): string | undefined {
	if (node.op === "Const") return undefined;
	const row = WEB_LOWERINGS[node.op];
	if (row === undefined || typeof row === "object") return webLack(node.op);
	const refused = typeObstacle(node, builder.dtypesOf(node));
	if (refused !== undefined) return refused;
	try {
		const result = row(builder.contextOf(node));
		for (const [i, value] of [result].flat().entries())
			if (i < node.outputs.length) builder.bind(node.outputs[i], value);
	} catch (error) {
		if (!(error instanceof MlshipError) || error.code === "BUG") throw error;
		return error.message;
	}
	if (hasSmallValues(node, (input) => builder.isSize(input)))
		for (const output of node.outputs) builder.markSize(output);
	return undefined;
}

function typeObstacle(
	{ op }: Node,
	dtypes: readonly DType[],
): string | undefined {
	for (const dtype of dtypes) {
		// bodies read variables that are bound in them
		if (dtype === "resource" && op in controlRows) continue;
		const held = webStorage(dtype);
		if (typeof held === "object") return held.reason;
	}
	return dtypes.includes("complex64") && !takesComplex(op)
		? "TensorFlow.js does not compute it for complex numbers"
		: undefined;
}

function lowerBody(
	name: string,
	body: Graph,
	names: WebNames,
	obstacles: WebObstacle[],
	addBody: WebContext["body"],
): WebFunction {
	const prefix = `${name}/`;
	const lowered = lowerGraph(body, names, obstacles, addBody, prefix);
	return {
		signature: {
			name,
			inputArg: argsOf(body.inputs, lowered.inputs),
			outputArg: argsOf(body.outputs, lowered.outputs),
		},
		nodeDef: lowered.nodes,
		ret: Object.fromEntries(
			[...lowered.outputs.values()].map((node) => [node, `${node}:0`]),
		),
	};
}

/** A body reads variables that are bound in it: it wants no handles of them. */
function isWanted({ dtype }: Port): boolean {
	return dtype !== "resource";
}

function argsOf(
	ports: readonly Port[],
	names: ReadonlyMap<string, string>,
): readonly WebArg[] {
	return ports.flatMap((port) => {
		const name = names.get(port.name);
		return name === undefined ? [] : [{ name, type: typeName(port.dtype) }];
	});
}

function usedValues({ nodes, outputs }: Graph): ReadonlySet<ValueName> {
	return new Set([
		...nodes.flatMap(({ inputs }) => inputs),
		...outputs.map(({ value }) => value),
	]);
}

function infoOf(
	nodes: ReadonlyMap<string, string>,
	{ name, dtype, shape }: Port,
): WebTensorInfo {
	return {
		name: `${nodes.get(name)}:0`,
		dtype: typeName(dtype),
		tensorShape: webShape(shape),
	};
}

/** A port of a type that cannot be held is an obstacle, as if it were a node. */
function noteType(
	{ name, value, dtype }: Port,
	obstacles: WebObstacle[],
): void {
	const held = webStorage(dtype);
	if (typeof held === "string") return;
	obstacles.push({
		node: {
			name,
			op: "Placeholder",
			inputs: [],
			outputs: [value],
			attrs: { dtype },
		},
		reason: held.reason,
	});
}

function initializing(node: Node): WebObstacle {
	return {
		node,
		reason: "mlship fills no tables for TensorFlow.js",
	};
}
