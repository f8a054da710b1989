import { fail, type MlshipError } from "../../errors.js";
import type { GraphTypes } from "../../graph/infer.js";
import type { Graph, Node, ValueName } from "../../graph/ir.js";
import type { LiteFields, LiteOp, LiteTables } from "../../lite/schema.js";
import type { PrimitivesOf, ValueType } from "../../ops/define.js";
import type { Constant } from "../../tensor/constant.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape, Tensor } from "../../tensor/tensor.js";
import type { Quantization } from "./graph.js";

/** A tensor of the graph that is being made. */
export interface LiteValue {
	readonly tensor: number;
	readonly dtype: DType;
	readonly shape: Shape;
}

/** What an operator makes. */
export interface LiteResult {
	readonly dtype: DType;
	readonly shape: Shape;
}

/** The table of an operator's options, with what is in it. */
export type OptionsOf<Name extends keyof LiteTables> = readonly [
	table: Name,
	fields: LiteFields<Name>,
];

export type AnyOptions = {
	[Name in keyof LiteTables]: OptionsOf<Name>;
}[keyof LiteTables];

/** What a row is given: one node of the Program, and the graph to add to. */
export interface LiteContext {
	readonly node: Node;
	readonly inputs: readonly ValueType[];
	readonly outputs: readonly ValueType[];
	/** What is known of any value of the program. */
	readonly types: GraphTypes;
	/** The tensor of input `index` if it is a constant. */
	constant(index: number): Tensor | undefined;
	input(index: number): LiteValue;
	/** Any value that was made before. */
	valueOf(value: ValueName): LiteValue;
	/**
	 * Adds an operator and returns its output. Where TensorFlow Lite has no kernel for the element type of what it computes
	 * with, inputs of that type are cast to one that has, and results of that type are cast back (kernels.ts). Absent optional
	 * inputs are `undefined`.
	 */
	emit(
		op: LiteOp,
		inputs: readonly (LiteValue | undefined)[],
		result: LiteResult,
		options?: AnyOptions,
	): LiteValue;
	/** As `emit`, for several outputs. */
	emitMany(
		op: LiteOp,
		inputs: readonly (LiteValue | undefined)[],
		results: readonly LiteResult[],
		options?: AnyOptions,
	): readonly LiteValue[];
	/** A constant made of constant input `index`, once for all that ask under the same key; `undefined` if it is none. */
	derived(
		index: number,
		key: string,
		make: (constant: Constant) => Constant,
	): LiteValue | undefined;
	weight(tensor: Tensor): LiteValue;
	/** A vector of int32: axes, shapes, permutations. */
	ints(values: readonly number[]): LiteValue;
	/** A scalar of a numeric type. */
	scalar(dtype: DType, value: number): LiteValue;
	/** The same value in another type, as TensorFlow casts; itself if it has that type. */
	cast(value: LiteValue, dtype: DType): LiteValue;
	/** A tensor that keeps its value between runs. */
	variable(result: LiteResult, quantization?: Quantization): LiteValue;
	/** Whether input `index` is a size, an axis or the like: arithmetic on such numbers stays small. */
	isSize(index: number): boolean;
	/** The node that makes a value; `undefined` for inputs. */
	producer(value: ValueName): Node | undefined;
	/** Whether anybody uses output `index`. */
	isUsed(index: number): boolean;
	/** A body of control flow. */
	bodyOf(name: string): Graph;
	/** Adds a graph of its own and returns its place. */
	graph(name: string, inputs: readonly LiteResult[], make: MakeGraph): number;
	/** Lowers a body in this place, once, and returns its outputs. */
	call(name: string, args: readonly LiteValue[]): readonly LiteValue[];
}

/** Makes the outputs of a graph of its own; `context` adds to that graph. */
export type MakeGraph = (
	context: LiteContext,
	inputs: readonly LiteValue[],
) => readonly LiteValue[];

/** Returns the node's outputs in order. Fails with UNSUPPORTED (`unfit`) where its attributes, types or shapes have no form. */
export type LiteLowering = (
	context: LiteContext,
) => LiteValue | readonly LiteValue[];

/** An honest row: the op is known and has no form; the reason is shown to people. */
export interface Unsupported {
	readonly unsupported: string;
}

export type LiteRow = LiteLowering | Unsupported;

export function unsupported(reason: string): Unsupported {
	return { unsupported: reason };
}

/** An obstacle that a row finds. */
export function unfit(reason: string): MlshipError {
	return fail("UNSUPPORTED", reason);
}

/** One row a primitive op of a family; the compiler names what is missing. */
export type LiteTable<Family> = Readonly<Record<PrimitivesOf<Family>, LiteRow>>;
