import {
	type Attrs,
	NO_INITIALIZER,
	type Node,
	type Program,
	type ValueName,
} from "../../../src/lib/graph/ir.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import {
	byteLength,
	type Shape,
	type Tensor,
	tensor,
} from "../../../src/lib/tensor/tensor.js";

/** A node with one output, `name:0`. */
export function node(
	name: string,
	op: string,
	inputs: readonly ValueName[],
	attrs: Attrs = {},
): Node {
	return { name, op, inputs, outputs: [`${name}:0`], attrs };
}

/** A constant node of float32 values. */
export function constant(
	name: string,
	shape: readonly number[],
	values: readonly number[],
): Node {
	return constantOf(name, tensor("float32", shape, Float32Array.from(values)));
}

export function constantOf(name: string, value: Tensor): Node {
	return node(name, "Const", [], {
		value: {
			dtype: value.dtype,
			shape: value.shape,
			byteLength: byteLength(value),
			read: () => value,
		},
		dtype: value.dtype,
	});
}

/** A program with one input `x` (value `input:x`) and one output `y`. */
export function program(
	shape: Shape,
	nodes: readonly Node[],
	output: ValueName,
	dtype: DType = "float32",
): Program {
	return {
		signature: "test",
		inputs: [{ name: "x", value: "input:x", dtype, shape }],
		outputs: [{ name: "y", value: output, dtype, shape: undefined }],
		nodes,
		functions: new Map(),
		initializer: NO_INITIALIZER,
		state: [],
		sharesResources: false,
	};
}
