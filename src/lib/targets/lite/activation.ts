import { ActivationFunctionType } from "../../../gen/tflite.js";
import type { LiteOp, LiteOptions } from "../../lite/schema.js";
import type { LiteGraph, LiteModel, LiteOperator } from "./graph.js";

/** Joins activations to the operators before them, which apply them to what they have in their hands. */
export function fuseActivations(model: LiteModel): LiteModel {
	return { ...model, graphs: model.graphs.map(fused) };
}

function fused(graph: LiteGraph): LiteGraph {
	const uses = usesOf(graph);
	const producers = new Map<number, number>();
	const operators: LiteOperator[] = [];
	for (const operator of graph.operators) {
		const [input] = operator.inputs;
		const place = producers.get(input);
		const joined =
			place === undefined || uses.get(input) !== 1
				? undefined
				: join(operators[place], operator, graph);
		if (place !== undefined && joined !== undefined) operators[place] = joined;
		else operators.push(operator);
		for (const output of operator.outputs)
			producers.set(output, joined ? (place ?? 0) : operators.length - 1);
	}
	return { ...graph, operators };
}

function join(
	before: LiteOperator,
	activation: LiteOperator,
	{ tensors }: LiteGraph,
): LiteOperator | undefined {
	const fusedActivationFunction = ACTIVATIONS[activation.op];
	const table = FUSING[before.op];
	if (fusedActivationFunction === undefined || table === undefined)
		return undefined;
	const options = before.options?.fields as ActivatedFields | undefined;
	if ((options?.fusedActivationFunction ?? 0) !== ActivationFunctionType.NONE)
		return undefined;
	// integers are not clamped
	if (tensors[before.outputs[0]].dtype !== "float32") return undefined;
	return {
		...before,
		outputs: activation.outputs,
		options: {
			table,
			fields: { ...options, fusedActivationFunction },
		} as LiteOptions,
	};
}

interface ActivatedFields {
	readonly fusedActivationFunction?: number;
}

/** Tanh and others have numbers too, and no kernel knows them. */
const ACTIVATIONS: { readonly [Op in LiteOp]?: number } = {
	RELU: ActivationFunctionType.RELU,
	RELU6: ActivationFunctionType.RELU6,
	RELU_N1_TO_1: ActivationFunctionType.RELU_N1_TO_1,
};

/** Operators that activate what they make, and where they are told so. */
const FUSING: { readonly [Op in LiteOp]?: LiteOptions["table"] } = {
	ADD: "AddOptions",
	AVERAGE_POOL_2D: "Pool2DOptions",
	CONV_2D: "Conv2DOptions",
	CONV_3D: "Conv3DOptions",
	DEPTHWISE_CONV_2D: "DepthwiseConv2DOptions",
	DIV: "DivOptions",
	FULLY_CONNECTED: "FullyConnectedOptions",
	MAX_POOL_2D: "Pool2DOptions",
	MUL: "MulOptions",
	SUB: "SubOptions",
};

/** How often each tensor is used, also as an output. */
function usesOf({
	operators,
	outputs,
}: LiteGraph): ReadonlyMap<number, number> {
	const uses = new Map<number, number>();
	for (const tensor of [
		...operators.flatMap(({ inputs }) => inputs),
		...outputs,
	])
		uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
	return uses;
}
