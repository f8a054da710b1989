import type { Constant } from "../../tensor/constant.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape, Tensor } from "../../tensor/tensor.js";

/** An ONNX graph as plain data, before it is written. Names are unique in the graph; "" is an absent optional input. */
export interface OnnxGraph {
	readonly name: string;
	readonly inputs: readonly OnnxPort[];
	readonly outputs: readonly OnnxPort[];
	readonly nodes: readonly OnnxNode[];
	readonly initializers: readonly OnnxInitializer[];
}

export interface OnnxPort {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: Shape;
	/** Names of symbolic dimensions, by position; equal names mean equal sizes. */
	readonly symbols?: readonly (string | undefined)[];
}

export interface OnnxNode {
	readonly op: string;
	/** "" is ai.onnx. */
	readonly domain: string;
	readonly name: string;
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly attrs: OnnxAttrs;
}

export interface OnnxInitializer {
	readonly name: string;
	readonly constant: Constant;
}

export type OnnxAttrs = Readonly<Record<string, OnnxAttr>>;

/** A number is an integer unless wrapped in `{ float }`. */
export type OnnxAttr =
	| number
	| string
	| { readonly float: number }
	| { readonly floats: readonly number[] }
	| readonly number[]
	| { readonly strings: readonly string[] }
	| { readonly tensor: Tensor }
	| { readonly graph: OnnxGraph };
