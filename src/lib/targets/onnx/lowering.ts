import type { GraphTypes } from "../../graph/infer.js";
import type { Graph, Node } from "../../graph/ir.js";
import type { PrimitivesOf, ValueType } from "../../ops/define.js";
import type { Constant } from "../../tensor/constant.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { OnnxAttrs, OnnxGraph } from "./graph.js";

/**
 * A value of the ONNX graph. `channelsFirst` says that its axes are those of TensorFlow's value with the last one moved
 * behind the batch ([N,H,W,C] → [N,C,H,W]); the builder transposes back only where somebody asks for TensorFlow's order.
 */
export interface OnnxValue {
	readonly name: string;
	/** The type ONNX holds it in: TensorFlow's own, but float32 for bfloat16 (ONNX Runtime has no such kernels). */
	readonly dtype: DType;
	readonly channelsFirst?: true;
}

export interface EmitOptions {
	/** Element type of the outputs; that of the first input if absent. */
	readonly dtype?: DType;
	/** "" (ai.onnx) if absent. */
	readonly domain?: string;
}

/** What a lowering row is given: one node of the Program, and the ONNX graph to add to. */
export interface LowerContext {
	readonly node: Node;
	readonly inputs: readonly ValueType[];
	readonly outputs: readonly ValueType[];
	/** The tensor of input `index` if it is a constant. */
	constant(index: number): Tensor | undefined;
	/** Input `index` in TensorFlow's order of axes. */
	input(index: number): OnnxValue;
	/**
	 * Input `index` with its last axis moved behind the first; constants are transposed here, once. `rank` is what the op
	 * wants, for where it is not known.
	 */
	channelsFirst(index: number, rank?: number): OnnxValue;
	/** Whether input `index` exists channels first already, or can be had so for nothing. */
	isChannelsFirst(index: number): boolean;
	/**
	 * Adds a node and returns its first output. Where ONNX Runtime has no kernel of `op` for the element type of the
	 * first input, all inputs of that type are cast to one it has, and outputs of that type are cast back (kernels.ts).
	 * Absent optional inputs are `undefined`.
	 */
	emit(
		op: string,
		inputs: readonly (OnnxValue | undefined)[],
		attrs?: OnnxAttrs,
		options?: EmitOptions,
	): OnnxValue;
	/** As `emit`, for `dtypes.length` outputs of these types. */
	emitMany(
		op: string,
		inputs: readonly (OnnxValue | undefined)[],
		dtypes: readonly DType[],
		attrs?: OnnxAttrs,
	): readonly OnnxValue[];
	/**
	 * A constant that `make` makes of constant input `index`; made once for all nodes that ask under the same `key`.
	 * `undefined` if the input is not a constant.
	 */
	derived(
		index: number,
		key: string,
		make: (constant: Constant) => Constant,
	): OnnxValue | undefined;
	/** Adds a constant; equal small ones are shared. */
	initializer(tensor: Tensor): OnnxValue;
	/** A vector of int64: axes, shapes, repeats. */
	ints(values: readonly number[]): OnnxValue;
	/** A scalar of a numeric type. */
	scalar(dtype: DType, value: number): OnnxValue;
	/** Converts as ONNX Cast does; returns the value itself if it has that type. */
	cast(value: OnnxValue, dtype: DType): OnnxValue;
	/** What is known of any value of the program. */
	readonly types: GraphTypes;
	/** A body of control flow. */
	bodyOf(name: string): Graph;
	/** Lowers a body in this place, once, and returns its outputs. */
	call(name: string, args: readonly OnnxValue[]): readonly OnnxValue[];
	/** A graph inside the node, with inputs of these types; it sees the values around it. */
	nested(inputs: readonly ValueType[], make: NestedOutputs): OnnxGraph;
}

/** Makes the outputs of a graph inside a node; `context` adds to that graph, `inputs` are its own. */
export type NestedOutputs = (
	context: LowerContext,
	inputs: readonly OnnxValue[],
) => readonly OnnxValue[];

/** What ONNX Runtime's Loop gives each round first: its number, and whether to go on. */
export const ROUND_INPUTS: readonly ValueType[] = [
	{ dtype: "int64", shape: [] },
	{ dtype: "bool", shape: [] },
];

/** Returns the node's outputs in order. A value that is channels first is passed on as it is. */
export type Lowering = (
	context: LowerContext,
) => OnnxValue | readonly OnnxValue[];

/** An honest row: the op is known and has no ONNX form; the reason is shown to people. */
export interface Unsupported {
	readonly unsupported: string;
}

export type LoweringRow = Lowering | Unsupported;

/** By op, what becomes of it. */
export type LoweringRows = Readonly<Record<string, LoweringRow | undefined>>;

export function unsupported(reason: string): Unsupported {
	return { unsupported: reason };
}

/** One row a primitive op of a family; the compiler names what is missing. */
export type LoweringTable<Family> = Readonly<
	Record<PrimitivesOf<Family>, LoweringRow>
>;
