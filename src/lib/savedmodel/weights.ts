import type { TensorProto } from "../../gen/tensor_pb.js";
import type { DType } from "../tensor/dtype.js";
import { elementCount } from "../tensor/tensor.js";
import { nodeAttr } from "./node-attr.js";
import type { Usage } from "./usage.js";
import type { Variable } from "./variables.js";

/** A variable that a signature reads. */
export interface WeightSummary {
	/** The node of the main graph. */
	readonly name: string;
	/** Where the checkpoint has it. */
	readonly key: string;
	readonly dtype: DType;
	readonly shape: readonly number[];
	readonly parameters: number;
	readonly byteLength: number;
}

/** The used variables that have values, by resource, in the order in which the graph reads them. */
export function listWeights(
	usage: Usage,
	variables: ReadonlyMap<string, Variable>,
): ReadonlyMap<string, WeightSummary> {
	const byResource = new Map<string, WeightSummary>();
	for (const [name, variable] of variables) {
		const { key, resource, dtype, shape, byteLength } = variable;
		if (byResource.has(resource)) continue;
		const parameters = elementCount(shape);
		byResource.set(resource, {
			name,
			key,
			dtype,
			shape,
			parameters,
			byteLength,
		});
	}
	const used = new Map<string, WeightSummary>();
	for (const resource of usage.readers.keys()) {
		const weight = byResource.get(resource);
		if (weight !== undefined) used.set(resource, weight);
	}
	return used;
}

/** Weights that are part of the graph itself, as frozen models have them, and small numbers beside. */
export interface ConstantsSummary {
	readonly count: number;
	/** As stored in the file. */
	readonly byteLength: number;
}

export function countConstants(usage: Usage): ConstantsSummary {
	let count = 0;
	let byteLength = 0;
	for (const { value } of constantsOf(usage)) {
		count++;
		byteLength += storedBytes(value);
	}
	return { count, byteLength };
}

/** The constants that signatures read, each with its node's name. */
export function* constantsOf(
	usage: Usage,
): Generator<{ readonly name: string; readonly value: TensorProto }> {
	for (const node of usage.nodes) {
		if (node.op !== "Const") continue;
		const value = nodeAttr(node, "value");
		if (value?.case === "tensor") yield { name: node.name, value: value.value };
	}
}

function storedBytes(tensor: TensorProto): number {
	const strings = tensor.stringVal.reduce((sum, s) => sum + s.length, 0);
	return (
		tensor.tensorContent.length +
		strings +
		4 * (tensor.floatVal.length + tensor.intVal.length) +
		8 * (tensor.doubleVal.length + tensor.int64Val.length) +
		2 * tensor.halfVal.length +
		tensor.boolVal.length
	);
}
