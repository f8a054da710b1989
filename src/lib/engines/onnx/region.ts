import type { GraphTypes } from "../../graph/infer.js";
import type { Graph, ValueName } from "../../graph/ir.js";
import {
	type Bodies,
	lowerToOnnx,
	type Refuse,
} from "../../targets/onnx/lower.js";
import { type OnnxFile, writeOnnx } from "../../targets/onnx/write.js";
import type { DType } from "../../tensor/dtype.js";

/** A part of a program, written as an ONNX model. */
export interface OnnxRegion {
	readonly file: OnnxFile;
	readonly inputs: readonly RegionPort[];
	readonly outputs: readonly RegionPort[];
}

export interface RegionPort {
	readonly value: ValueName;
	/** What the model calls it. */
	readonly onnxName: string;
	readonly dtype: DType;
}

/** Writes a graph, and the bodies that it names. Where a node has no ONNX form, `refuse` is told, and the region is of no use. */
export function makeRegion(
	graph: Graph,
	types: GraphTypes,
	name: string,
	bodies: Bodies,
	refuse: Refuse,
): OnnxRegion {
	const lowered = lowerToOnnx(graph, types, name, bodies, refuse);
	return {
		file: writeOnnx(lowered),
		inputs: graph.inputs.map(({ value, dtype }, i) => ({
			value,
			dtype,
			onnxName: lowered.inputs[i].name,
		})),
		outputs: graph.outputs.map(({ value, dtype }, i) => ({
			value,
			dtype,
			onnxName: lowered.outputs[i].name,
		})),
	};
}
