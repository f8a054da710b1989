import { fail, MlshipError } from "../../errors.js";
import { bodyNames } from "../../graph/bodies.js";
import type { GraphTypes } from "../../graph/infer.js";
import type { Graph, Node, Port } from "../../graph/ir.js";
import { OPS } from "../../ops/index.js";
import { OnnxBuilder } from "./builder.js";
import type { OnnxGraph, OnnxPort } from "./graph.js";
import { storageType } from "./kernels.js";
import { livingGraph } from "./liveness.js";
import type { Lowering, LoweringRows, OnnxValue } from "./lowering.js";
import { LOWERINGS } from "./ops/index.js";

/** Is told a node of a graph that has no ONNX form, itself or in its bodies, and why. */
export type Refuse = (node: Node, error: MlshipError) => void;

/**
 * Lowers a graph whose types are known to ONNX, and the bodies that it names. Every node that has no form is told to `refuse`,
 * and what it makes is taken as given from outside; without `refuse` the first one fails with UNSUPPORTED. `rows` are those of engines, which
 * leave some ops to the host, or those of files (ops/file.ts).
 */
export function lowerToOnnx(
	graph: Graph,
	types: GraphTypes,
	name: string,
	bodies: Bodies = new Map(),
	refuse: Refuse = (_, error) => {
		throw error;
	},
	rows: LoweringRows = LOWERINGS,
): OnnxGraph {
	const builder = new OnnxBuilder({
		typeOf: (value) => types.typeOf(value),
		constant: (value) => types.constant(value),
		constantOf: (value) => types.constantOf(value),
		bodyOf: (body) => found(bodies, body),
		lowerNodes: (inner, body) => lowerNodes(inner, body, rows),
	});
	const inputs = graph.inputs.map((port) => bindInput(builder, port, refuse));
	for (const node of graph.nodes)
		try {
			const reason = loweringObstacle(node, types, bodies, rows);
			if (reason !== undefined) throw fail("UNSUPPORTED", reason);
			lowerNode(builder, node, rows);
		} catch (error) {
			if (!(error instanceof MlshipError) || error.code !== "UNSUPPORTED")
				throw error;
			refuse(node, error);
			for (const value of node.outputs) {
				const { dtype } = types.typeOf(value);
				const held = storageType(dtype) ?? "float32";
				builder.bind(value, { name: builder.reserve(value), dtype: held });
			}
		}
	builder.enter("");
	const outputs = graph.outputs.map((port) => bindOutput(builder, port, types));
	return livingGraph({
		name,
		inputs,
		outputs,
		nodes: builder.nodes,
		initializers: builder.initializers,
	});
}

/** Why a node cannot be lowered, as far as that can be told without trying; `undefined` if it can. */
export function loweringObstacle(
	node: Node,
	types: GraphTypes,
	bodies: Bodies,
	rows: LoweringRows = LOWERINGS,
): string | undefined {
	if (node.op === "Const") return undefined;
	const row = rows[node.op];
	if (row === undefined)
		return OPS[node.op] === undefined
			? "mlship does not know this operation"
			: "ONNX has no such operation";
	if (typeof row === "object") return row.unsupported;
	for (const name of bodyNames(node))
		for (const inner of found(bodies, name).nodes) {
			const reason = loweringObstacle(inner, types, bodies, rows);
			if (reason !== undefined)
				return `its body has ${inner.op} ("${inner.name}"): ${reason}`;
		}
	const held = [...node.inputs, ...node.outputs]
		.map((value) => types.typeOf(value).dtype)
		.find((dtype) => storageType(dtype) === undefined);
	return held === undefined ? undefined : `ONNX Runtime has no ${held} tensors`;
}

/** The bodies of control flow, by name. */
export type Bodies = ReadonlyMap<string, Graph>;

function found(bodies: Bodies, name: string): Graph {
	const body = bodies.get(name);
	if (body === undefined)
		throw fail("BUG", `a node names body "${name}", which is not there`);
	return body;
}

function lowerNodes(
	builder: OnnxBuilder,
	{ nodes }: Graph,
	rows: LoweringRows,
): void {
	for (const node of nodes) lowerNode(builder, node, rows);
}

/** An input of a type that cannot be held is refused as if it were a node. */
function bindInput(
	builder: OnnxBuilder,
	{ name: wanted, value, dtype, shape }: Port,
	refuse: Refuse,
): OnnxPort {
	const held = storageType(dtype);
	if (held === undefined)
		refuse(
			{
				name: wanted,
				op: "Placeholder",
				inputs: [],
				outputs: [value],
				attrs: { dtype },
			},
			fail(
				"UNSUPPORTED",
				`cannot feed input "${wanted}": ONNX Runtime has no ${dtype} tensors`,
			),
		);
	const name = builder.reserve(wanted);
	const port = { name, dtype: held ?? "float32" };
	builder.bind(value, port);
	return { ...port, shape, symbols: symbolsOf({ name, shape }) };
}

/** The batch dimension of all inputs gets one name where they start unknown; other unknown sizes are each on their own. */
function symbolsOf({
	name,
	shape,
}: Pick<Port, "name" | "shape">): (string | undefined)[] | undefined {
	return shape?.map((size, axis) =>
		size >= 0 ? undefined : `${name}_${axis}`,
	);
}

function lowerNode(builder: OnnxBuilder, node: Node, rows: LoweringRows): void {
	if (node.op === "Const") return;
	builder.enter(node.name);
	const outputs = lowered(rows[node.op] as Lowering, builder, node);
	for (const [i, output] of outputs.entries()) {
		if (i < node.outputs.length) builder.bind(node.outputs[i], output);
	}
}

function lowered(
	row: Lowering,
	builder: OnnxBuilder,
	node: Node,
): readonly OnnxValue[] {
	try {
		const result = row(builder.contextOf(node));
		return "name" in result ? [result] : result;
	} catch (error) {
		if (!(error instanceof MlshipError) || error.at !== undefined) throw error;
		throw fail(
			error.code,
			`${error.message} (node "${node.name}", ${node.op})`,
			{ cause: error, at: { node: node.name, op: node.op } },
		);
	}
}

/** An output needs a node of its own that carries its name: two outputs may be one value, or an input. */
function bindOutput(
	builder: OnnxBuilder,
	port: Port,
	types: GraphTypes,
): OnnxPort {
	const value = builder.plain(port.value);
	const name = builder.reserve(port.name);
	builder.nodes.push({
		op: "Identity",
		domain: "",
		name: `${name}/output`,
		inputs: [value.name],
		outputs: [name],
		attrs: {},
	});
	return { name, dtype: value.dtype, shape: types.typeOf(port.value).shape };
}
