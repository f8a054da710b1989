import { isAbsolute, join, normalize } from "node:path";
import {
	TensorProto_DataLocation as DataLocation,
	type GraphProto,
	type TensorProto,
} from "../../gen/onnx_pb.js";
import { fail } from "../errors.js";

/** A file of weights beside an ONNX file. */
export interface ExternalFile {
	/** As the model names it. */
	readonly location: string;
	readonly path: string;
	/** Bytes that its tensors reach to; 0 where the model does not say. */
	readonly byteLength: number;
}

/**
 * The files that the initializers of a graph, and of the graphs inside its nodes, lie in (onnx, docs/ExternalData.md).
 * Fails with CORRUPT for one outside the model's folder.
 */
export function externalFiles(graph: GraphProto, dir: string): ExternalFile[] {
	const files = new Map<string, ExternalFile>();
	for (const tensor of tensorsOf(graph)) {
		if (tensor.dataLocation !== DataLocation.EXTERNAL) continue;
		const facts = new Map(
			tensor.externalData.map(({ key, value }) => [key, value]),
		);
		const location = facts.get("location") ?? "";
		const end =
			Number(facts.get("offset") ?? 0) + Number(facts.get("length") ?? 0);
		const known = files.get(location)?.byteLength ?? 0;
		files.set(location, {
			location,
			path: pathInside(dir, location, tensor.name),
			byteLength: Math.max(known, Number.isFinite(end) ? end : 0),
		});
	}
	return [...files.values()];
}

function pathInside(dir: string, location: string, tensor: string): string {
	const path = normalize(location);
	if (location === "" || isAbsolute(path) || /^\.\.([\\/]|$)/.test(path))
		throw fail(
			"CORRUPT",
			`cannot read weight "${tensor}": it lies in "${location}", a file in the model's folder was wanted`,
		);
	return join(dir, path);
}

function* tensorsOf(graph: GraphProto, depth = 0): Generator<TensorProto> {
	yield* graph.initializer;
	if (depth > MAX_NESTING) return;
	for (const { attribute } of graph.node)
		for (const { t, g, graphs } of attribute) {
			if (t !== undefined) yield t;
			if (g !== undefined) yield* tensorsOf(g, depth + 1);
			for (const inner of graphs) yield* tensorsOf(inner, depth + 1);
		}
}

/** Branches and loops within one another; real models have a handful. */
const MAX_NESTING = 64;
