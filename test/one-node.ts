import { loadProgram } from "../src/lib/engines/index.js";
import {
	type Attr,
	type Attrs,
	NO_INITIALIZER,
	type Node,
	type Program,
} from "../src/lib/graph/ir.js";
import type { ValueType } from "../src/lib/ops/define.js";
import { OPS } from "../src/lib/ops/index.js";
import { opDef } from "../src/lib/ops/opdef.js";
import type { DType } from "../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../src/lib/tensor/numbers.js";
import type { Shape, Tensor } from "../src/lib/tensor/tensor.js";
import { expectClose } from "./close.js";
import { constantOf } from "./lib/graph/programs.js";

/** An input of the node: a tensor is a constant of the graph; with a declared shape it is fed. */
export type Given = Tensor | { readonly fed: Tensor; readonly shape: Shape };

/** A float32 tensor. */
export function floats(
	shape: readonly number[],
	values: readonly number[],
): Tensor {
	return tensorFromNumbers("float32", shape, values);
}

/** An int32 vector. */
export function ints(...values: number[]): Tensor {
	return tensorFromNumbers("int32", [values.length], values);
}

/** 1, 2, 3 … as float32. */
export function counting(...shape: number[]): Tensor {
	const size = shape.reduce((a, b) => a * b, 1);
	return floats(
		shape,
		Array.from({ length: size }, (_, i) => i + 1),
	);
}

/** A tensor that is fed to a graph which knows its shape only so far; all of it by default. */
export function fed(tensor: Tensor, shape: Shape = tensor.shape): Given {
	return { fed: tensor, shape };
}

/** The value fed with sizes unknown. */
export function loose(x: Tensor): Given {
	return fed(
		x,
		x.shape.map(() => -1),
	);
}

/** The value fed with nothing known of its shape. */
export function unranked(x: Tensor): Given {
	return fed(x, undefined);
}

/** An int32 scalar. */
export function int(value: number): Tensor {
	return tensorFromNumbers("int32", [], [value]);
}

/** Rows of so many int32. */
export function matrix(columns: number, ...values: number[]): Tensor {
	return tensorFromNumbers("int32", [values.length / columns, columns], values);
}

/** Fails unless a graph of one node returns this. */
export async function expectOne(
	op: string,
	inputs: readonly Given[],
	wanted: Tensor,
	attrs: Attrs = {},
): Promise<void> {
	expectClose((await runOne(op, inputs, attrs))[0], wanted);
}

/** The types that the rule of a primitive op gives; an input with a `data` is a constant. */
export function inferOne(
	op: string,
	inputs: readonly (ValueType | Tensor)[],
	attrs: Attrs = {},
): readonly ValueType[] {
	const entry = OPS[op];
	if (entry?.kind !== "primitive") throw new Error(`${op} is not primitive`);
	const node = oneNode(
		op,
		inputs.map(({ dtype }) => dtype),
		attrs,
		1,
	);
	return entry.infer({
		node,
		inputs: inputs.map(({ dtype, shape }) => ({ dtype, shape })),
		constant: (index) => {
			const input = inputs[index];
			return "data" in input ? input : undefined;
		},
	});
}

/** Runs a graph of one node in ONNX Runtime and returns its outputs. */
export async function runOne(
	op: string,
	inputs: readonly Given[],
	attrs: Attrs = {},
	outputs = 1,
): Promise<readonly Tensor[]> {
	const program = programOf(op, inputs, attrs, outputs);
	const session = await loadProgram(program, "onnx", {
		workers: 0,
		threads: 1,
	});
	const feeds = Object.fromEntries(
		inputs.flatMap((input, i) =>
			"fed" in input ? [[`in${i}`, input.fed] as const] : [],
		),
	);
	const results = await session.run(feeds);
	await session.close();
	return program.outputs.map(({ name }) => results[name]);
}

function programOf(
	op: string,
	inputs: readonly Given[],
	attrs: Attrs,
	outputs: number,
): Program {
	const tensors = inputs.map((input) => ("fed" in input ? input.fed : input));
	const node = oneNode(
		op,
		tensors.map(({ dtype }) => dtype),
		attrs,
		outputs,
	);
	const shapes = inputs.map((input) =>
		"fed" in input ? input.shape : undefined,
	);
	return {
		signature: "one",
		inputs: inputs.flatMap((input, i) =>
			"fed" in input
				? [
						{
							name: `in${i}`,
							value: node.inputs[i],
							dtype: input.fed.dtype,
							shape: shapes[i],
						},
					]
				: [],
		),
		outputs: node.outputs.map((value, i) => ({
			name: `out${i}`,
			value,
			dtype: outputDtype(node, i),
			shape: undefined,
		})),
		nodes: [
			...inputs.flatMap((input, i) =>
				"fed" in input ? [] : [constantOf(`in${i}`, input)],
			),
			node,
		],
		functions: new Map(),
		initializer: NO_INITIALIZER,
		state: [],
		sharesResources: false,
	};
}

/** A node with TensorFlow's defaults, and the element types that its inputs have. */
function oneNode(
	op: string,
	dtypes: readonly DType[],
	attrs: Attrs,
	outputs: number,
): Node {
	const definition = opDef(op);
	const filled: Record<string, Attr> = {};
	for (const [name, { default: value }] of definition?.attrs ?? [])
		if (value !== undefined) filled[name] = value;
	for (const [i, { typeAttr, numberAttr }] of definition?.inputs.entries() ??
		[]) {
		if (typeAttr !== undefined) filled[typeAttr] = dtypes[i];
		if (numberAttr !== undefined) filled[numberAttr] = dtypes.length - i;
	}
	return {
		name: "node",
		op,
		inputs: dtypes.map((_, i) => `in${i}:0`),
		outputs: Array.from({ length: outputs }, (_, i) => `node:${i}`),
		attrs: { ...filled, ...attrs },
	};
}

function outputDtype({ op, attrs }: Node, index: number): DType {
	const output = opDef(op)?.outputs[index];
	return output?.type ?? (attrs[output?.typeAttr ?? ""] as DType);
}
