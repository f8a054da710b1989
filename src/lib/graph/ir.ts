import type { Constant } from "../tensor/constant.js";
import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/tensor.js";

/**
 * A value is one output of one node, or an input of a graph. Its name is unique in its graph: `conv1:0` is output 0 of
 * node `conv1`.
 */
export type ValueName = string;

/**
 * Attributes with TensorFlow's defaults filled in. An element type is its name (`"float32"`), a string is text,
 * an integer beyond 2^53 is a bigint, a shape is `{ dims }`.
 */
export type Attr =
	| string
	| number
	| bigint
	| boolean
	| ShapeAttr
	| Constant
	| FunctionRef
	| readonly Attr[];

export interface ShapeAttr {
	readonly dims: Shape;
}

/** The name of a body in `Program.functions`. */
export interface FunctionRef {
	readonly function: string;
}

export type Attrs = Readonly<Record<string, Attr>>;

export interface Node {
	/** Unique in its graph; `/` separates the layers it came from. */
	readonly name: string;
	/** TensorFlow's name of the operation; `Const` holds its `Constant` in the attribute `value`. */
	readonly op: string;
	readonly inputs: readonly ValueName[];
	readonly outputs: readonly ValueName[];
	readonly attrs: Attrs;
}

/** An input or output of a graph under the name that callers use. */
export interface Port {
	readonly name: string;
	readonly value: ValueName;
	readonly dtype: DType;
	readonly shape: Shape;
}

/**
 * Invariants (`check.ts` verifies them): every input of a node is an input of the graph or an output of an earlier
 * node; names of nodes and values are unique; every output port names an existing value.
 */
export interface Graph {
	readonly inputs: readonly Port[];
	readonly outputs: readonly Port[];
	readonly nodes: readonly Node[];
}

/** One signature as a self-contained graph: function calls inlined, variables bound to constants. */
export interface Program extends Graph {
	/** The signature's key, `serving_default`. */
	readonly signature: string;
	/** Bodies of control flow (If, While, Case), by name; their nodes are inlined and bound like the main graph's. */
	readonly functions: ReadonlyMap<string, Graph>;
	/**
	 * What runs once when a session opens, without inputs and outputs: the effects that fill the tables which this signature
	 * uses. Its nodes are inlined and bound like the main graph's.
	 */
	readonly initializer: Graph;
	/**
	 * Variables that signatures set. A program that reads one has an input of that name, a program that sets one an output;
	 * whoever holds a session feeds the last value.
	 */
	readonly state: readonly StateVariable[];
	/** Whether it uses a table or a queue that some signature of the model changes: all of them have to see the same one. */
	readonly sharesResources: boolean;
}

export interface StateVariable {
	readonly name: string;
	/** Its value when the model is loaded; a variable without one must be set before it is read. */
	readonly initial?: Constant;
}

/** The initializer of a program that keeps nothing between its runs. */
export const NO_INITIALIZER: Graph = { inputs: [], outputs: [], nodes: [] };
