import { constantAttr } from "../graph/attrs.js";
import { CONTROL_FORMS } from "../graph/bodies.js";
import { TypeMap } from "../graph/infer.js";
import type { Graph, Node, Port, Program, ValueName } from "../graph/ir.js";
import type { Constant } from "../tensor/constant.js";
import { DTYPES, type DType, type NumericArray } from "../tensor/dtype.js";
import { complexContext } from "./complex/context.js";
import { splitControl } from "./complex/control.js";
import { isComplex, type Pair, partType } from "./complex/pair.js";
import { COMPLEX_RULES } from "./complex/rules.js";

/** A program in which no number is complex, and the nodes that stand in the way of that. */
export interface SplitProgram {
	readonly program: Program;
	readonly lacking: readonly Node[];
}

/**
 * Each complex value becomes two real ones, its parts, for targets without complex numbers. What moves elements does so with
 * both; arithmetic becomes formulas (complex/rules.ts). Inputs and outputs of the program get a last axis of 2: real part,
 * imaginary part, as in ONNX's own DFT. The program's bodies must be prepared.
 */
export function withoutComplex(program: Program): SplitProgram {
	const lacking: Node[] = [];
	const functions = new Map(
		[...program.functions].map(([name, body]) => [
			name,
			splitGraph(body, lacking, bodyPorts),
		]),
	);
	const graph = splitGraph(program, lacking, programPorts);
	return { program: { ...program, ...graph, functions }, lacking };
}

/** Whether anything in a program is complex. */
export function hasComplex(program: Program): boolean {
	return [program, ...program.functions.values()].some((graph) => {
		const types = new TypeMap(graph);
		return (
			graph.inputs.some(({ dtype }) => isComplex(dtype)) ||
			graph.nodes.some((node) =>
				types.add(node).some(({ dtype }) => isComplex(dtype)),
			)
		);
	});
}

/** How ports of complex type are bound: ports in their place, and the nodes between them and the parts. */
interface Ports {
	entry(port: Port): { ports: readonly Port[]; nodes: readonly Node[] };
	exit(
		port: Port,
		pair: Pair,
	): { ports: readonly Port[]; nodes: readonly Node[] };
}

function splitGraph(graph: Graph, lacking: Node[], bound: Ports): Graph {
	const types = new TypeMap(graph);
	const pairs = new Map<ValueName, Pair>();
	const nodes: Node[] = [];
	const inputs = graph.inputs.flatMap((port) => {
		if (!isComplex(port.dtype)) return [port];
		pairs.set(port.value, pairOf(port.value));
		const made = bound.entry(port);
		nodes.push(...made.nodes);
		return made.ports;
	});
	for (const node of graph.nodes) {
		types.add(node);
		const isAny = [...node.inputs, ...node.outputs].some((value) =>
			isComplex(types.typeOf(value).dtype),
		);
		if (!isAny) nodes.push(node);
		else if (!splitNode(node, types, pairs, nodes)) {
			lacking.push(node);
			for (const output of node.outputs) pairs.set(output, pairOf(output));
		}
	}
	const outputs = graph.outputs.flatMap((port) => {
		const pair = pairs.get(port.value);
		if (pair === undefined || !isComplex(types.typeOf(port.value).dtype))
			return [port];
		const made = bound.exit(port, pair);
		nodes.push(...made.nodes);
		return made.ports;
	});
	return { inputs, outputs, nodes };
}

/** Adds what a node becomes; `false` where no rule says what. */
function splitNode(
	node: Node,
	types: TypeMap,
	pairs: Map<ValueName, Pair>,
	nodes: Node[],
): boolean {
	if (node.op === "Const") {
		const pair = pairOf(node.outputs[0]);
		const constant = constantAttr(node, "value");
		nodes.push(
			constantPart(node, constant, 0),
			constantPart(node, constant, 1),
		);
		pairs.set(node.outputs[0], pair);
		return true;
	}
	const form = CONTROL_FORMS[node.op];
	if (form !== undefined) {
		nodes.push(splitControl(node, form, types, pairs));
		return true;
	}
	const rule = COMPLEX_RULES[node.op];
	if (rule === undefined) return false;
	const { context, made } = complexContext(node, types, pairs);
	const results = rule(context);
	nodes.push(...made);
	for (const [i, output] of node.outputs.entries()) {
		const result = results[i];
		if (typeof result === "object") pairs.set(output, result);
		else nodes.push(alias(output, result, types.typeOf(output).dtype));
	}
	return true;
}

/** A value under the name that others know. */
function alias(output: ValueName, value: ValueName, T: DType): Node {
	return {
		name: `${output}/real`,
		op: "Identity",
		inputs: [value],
		outputs: [output],
		attrs: { T },
	};
}

export function pairOf(value: ValueName): Pair {
	return { re: `${value}/re`, im: `${value}/im` };
}

function constantPart(node: Node, constant: Constant, lane: 0 | 1): Node {
	const dtype = partType(constant.dtype);
	const { re, im } = pairOf(node.outputs[0]);
	const value: Constant = {
		dtype,
		shape: constant.shape,
		byteLength: constant.byteLength / 2,
		read: () => {
			const { shape, data } = constant.read();
			const all = data as NumericArray;
			const part = new DTYPES[dtype].array(all.length / 2) as NumericArray;
			for (let i = 0; i < part.length; i++) part[i] = all[2 * i + lane];
			return { dtype, shape, data: part };
		},
	};
	return {
		name: `${node.name}/${lane === 0 ? "re" : "im"}`,
		op: "Const",
		inputs: [],
		outputs: [lane === 0 ? re : im],
		attrs: { value, dtype },
	};
}

/** A body takes and gives both parts. */
const bodyPorts: Ports = {
	entry: (port) => ({ ports: partPorts(port, pairOf(port.value)), nodes: [] }),
	exit: (port, pair) => ({ ports: partPorts(port, pair), nodes: [] }),
};

function partPorts(port: Port, { re, im }: Pair): readonly Port[] {
	const dtype = partType(port.dtype);
	return [
		{ ...port, name: `${port.name}/re`, value: re, dtype },
		{ ...port, name: `${port.name}/im`, value: im, dtype },
	];
}

const programPorts: Ports = {
	entry: (port) => {
		const T = partType(port.dtype);
		const { re, im } = pairOf(port.value);
		const node = {
			name: `${port.value}/parts`,
			op: "Unpack",
			inputs: [port.value],
			outputs: [re, im],
			attrs: { num: 2, T, axis: -1 },
		};
		return { ports: [pairedPort(port, port.value)], nodes: [node] };
	},
	exit: (port, { re, im }) => {
		const T = partType(port.dtype);
		const value = `${port.name}/paired`;
		const node = {
			name: value,
			op: "Pack",
			inputs: [re, im],
			outputs: [value],
			attrs: { N: 2, T, axis: -1 },
		};
		return { ports: [pairedPort(port, value)], nodes: [node] };
	},
};

function pairedPort(port: Port, value: ValueName): Port {
	const shape = port.shape && [...port.shape, 2];
	return { ...port, value, shape, dtype: partType(port.dtype) };
}
