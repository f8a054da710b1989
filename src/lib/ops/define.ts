import type { Node, ValueName } from "../graph/ir.js";
import type { DType } from "../tensor/dtype.js";
import type { Shape, Tensor } from "../tensor/tensor.js";

/** What is known of a value before anything runs. */
export interface ValueType {
	readonly dtype: DType;
	readonly shape: Shape;
	/**
	 * Elements, row by row, of an integer tensor of at most a few hundred of them, `undefined` where one is unknown: how
	 * shapes are computed (`Shape`, `StridedSlice`, `Pack` … into `Reshape`, `Pad`).
	 */
	readonly elements?: readonly (number | undefined)[];
}

export interface InferContext {
	readonly node: Node;
	readonly inputs: readonly ValueType[];
	/** The tensor of input `index` if it is a constant, read on demand: ask only for small ones (axes, shapes). */
	constant(index: number): Tensor | undefined;
}

/** The types of all outputs. May throw INVALID when inputs contradict each other; unknown is `shape: undefined` or -1. */
export type InferRule = (context: InferContext) => readonly ValueType[];

export interface Primitive {
	readonly kind: "primitive";
	readonly infer: InferRule;
	/**
	 * The op in other ops, for who has neither a form nor a kernel of it: files that `convert` writes. Slower than a kernel, so
	 * that engines, which have a host beside them, do not ask.
	 */
	readonly otherwise?: Expand;
}

/** Builds the nodes that a composite op stands for, one call a node; names are made unique below the node's own. */
export interface ExpandContext {
	readonly node: Node;
	/** Names of the node's inputs. */
	readonly inputs: readonly ValueName[];
	readonly types: readonly ValueType[];
	constant(index: number): Tensor | undefined;
	/** Adds a node of `op` and returns its first output, or all of them through `addMany`. */
	add(
		op: string,
		inputs: readonly ValueName[],
		attrs?: Node["attrs"],
	): ValueName;
	addMany(
		op: string,
		inputs: readonly ValueName[],
		outputs: number,
		attrs?: Node["attrs"],
	): readonly ValueName[];
	/** Adds a constant. */
	constantOf(tensor: Tensor): ValueName;
	/** A scalar constant of a numeric type. */
	scalar(dtype: DType, value: number): ValueName;
}

/** Returns the values that replace the node's outputs, in order. */
export type Expand = (context: ExpandContext) => readonly ValueName[];

export interface Composite {
	readonly kind: "composite";
	readonly expand: Expand;
}

export type OpEntry = Primitive | Composite;

export function primitive(infer: InferRule, otherwise?: Expand): Primitive {
	return { kind: "primitive", infer, ...(otherwise && { otherwise }) };
}

export function composite(expand: Expand): Composite {
	return { kind: "composite", expand };
}

/** The names in a family of ops that are primitive: those a target or a kernel table must have a row for. */
export type PrimitivesOf<Family> = {
	[Name in keyof Family]: Family[Name] extends Primitive ? Name : never;
}[keyof Family];
