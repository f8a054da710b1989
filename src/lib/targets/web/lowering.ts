import type { Node } from "../../graph/ir.js";
import type { PrimitivesOf, ValueType } from "../../ops/define.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { WebAttrs } from "./topology.js";

/** A value of the TensorFlow.js graph: `node` or `node:1`, as nodes write their inputs. */
export type WebValue = string;

/** What a row is given: one node of the Program, and the graph to add to. */
export interface WebContext {
	readonly node: Node;
	readonly inputs: readonly ValueType[];
	readonly outputs: readonly ValueType[];
	/** The tensor of input `index` if it is a constant. */
	constant(index: number): Tensor | undefined;
	input(index: number): WebValue;
	/** The node that makes input `index`, where one of this graph does. */
	maker(index: number): Node | undefined;
	/** Adds a node of TensorFlow.js and returns its first output. */
	emit(op: string, inputs: readonly WebValue[], attrs?: WebAttrs): WebValue;
	/** As `emit`, for `count` outputs. */
	emitMany(
		op: string,
		inputs: readonly WebValue[],
		count: number,
		attrs?: WebAttrs,
	): readonly WebValue[];
	/** Adds a constant. */
	weight(tensor: Tensor): WebValue;
	/** A constant number, an int32 unless another type is named. */
	scalar(value: number, dtype?: DType): WebValue;
	/** A vector of int32: axes, shapes, permutations. */
	ints(values: readonly number[]): WebValue;
	/** Whether input `index` is a size, an axis or the like: arithmetic on such numbers stays small. */
	isSize(index: number): boolean;
	/**
	 * Whether numbers of this type may be computed in the narrower one that holds them; who asks says that they are. An int64
	 * that is a size need not be asked for.
	 */
	mayNarrow(dtype: DType): boolean;
	/** Whether anybody uses output `index`. */
	isUsed(index: number): boolean;
	/** A node under a name that it has in every graph of the model; made once in each. */
	resource(key: string, op: string, attrs: WebAttrs): WebValue;
	/** Adds a body of control flow under this name. */
	body(name: string, role?: BodyRole): BodyPorts;
	/**
	 * The same value, kept for as long as a list may hold it: TensorFlow.js frees what a body makes unless the body returns
	 * it. Fails with UNSUPPORTED where no loop can carry it out.
	 */
	keep(value: WebValue): WebValue;
}

export interface BodyRole {
	/** A loop's body: what it puts into lists goes round with it. */
	readonly isLoop?: boolean;
	/** How many values go round that the body does not know, for the condition of a loop. */
	readonly extras?: number;
}

export interface BodyPorts {
	/** Which inputs it takes: no handles of variables. */
	readonly wanted: readonly boolean[];
	/** How many values it returns, and takes, behind its own. */
	readonly kept: number;
}

/** Returns the node's outputs in order. Fails with UNSUPPORTED (`unfit`) where its attributes, types or shapes have no form. */
export type WebLowering = (
	context: WebContext,
) => WebValue | readonly WebValue[];

/** An honest row: why the op has no form in TensorFlow.js, beyond not being known there. */
export interface Unsupported {
	readonly unsupported: string;
}

export type WebRow = WebLowering | Unsupported;

export function unsupported(reason: string): Unsupported {
	return { unsupported: reason };
}

/** Rows for the primitive ops of a family that TensorFlow.js can express: an op without a row is one that it lacks. */
export type WebTable<Family> = Readonly<
	Partial<Record<PrimitivesOf<Family>, WebRow>>
>;
