import { fail } from "../errors.js";
import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/tensor.js";
import { dtypeOfLite, type LiteFields } from "./schema.js";

/** An input or output of a file under the name that callers use. */
export interface LiteFilePort {
	readonly name: string;
	/** Its place among the tensors of the graph. */
	readonly tensor: number;
	readonly dtype: DType;
	/** -1 for a size that a run decides. */
	readonly shape: Shape;
	/** How its integers stand for real numbers, where they do. */
	readonly quantization?: {
		readonly scale: number;
		readonly zeroPoint: number;
	};
}

export interface LiteFileSignature {
	readonly key: string;
	/** The place of its graph. */
	readonly graph: number;
	readonly inputs: readonly LiteFilePort[];
	readonly outputs: readonly LiteFilePort[];
}

type Model = LiteFields<"Model">;
type Graph = LiteFields<"SubGraph">;

/**
 * The signatures of a file. One without any (TensorFlow before 2.5 wrote none) has one, whose ports are called like tensors.
 * Fails with CORRUPT where one points to what is not there, and UNSUPPORTED for element types that TensorFlow lacks.
 */
export function liteSignatures(model: Model): readonly LiteFileSignature[] {
	const declared = model.signatureDefs ?? [];
	if (declared.length === 0) return [unnamed(graphAt(model, 0))];
	return declared.map((signature) => {
		const graph = graphAt(model, signature.subgraphIndex ?? 0);
		const ports = (list: readonly LiteFields<"TensorMap">[] = []) =>
			list.map(({ name = "", tensorIndex = 0 }) =>
				portOf(graph, name, tensorIndex),
			);
		return {
			key: signature.signatureKey ?? "",
			graph: signature.subgraphIndex ?? 0,
			inputs: ports(signature.inputs),
			outputs: ports(signature.outputs),
		};
	});
}

function unnamed(graph: Graph): LiteFileSignature {
	const ports = (list: readonly number[] = []) =>
		list.map((index) =>
			portOf(graph, graph.tensors?.[index]?.name ?? "", index),
		);
	return {
		key: "serving_default",
		graph: 0,
		inputs: ports(graph.inputs),
		outputs: ports(graph.outputs),
	};
}

function graphAt({ subgraphs = [] }: Model, index: number): Graph {
	const graph = subgraphs[index];
	if (graph === undefined)
		throw fail(
			"CORRUPT",
			`cannot read a .tflite file: it has no graph ${index}`,
		);
	return graph;
}

function portOf(
	{ tensors = [] }: Graph,
	name: string,
	tensor: number,
): LiteFilePort {
	const found = tensors[tensor];
	if (found === undefined)
		throw fail(
			"CORRUPT",
			`cannot read a .tflite file: port "${name}" is tensor ${tensor} of ${tensors.length}`,
		);
	const dtype = dtypeOfLite(found.type ?? 0);
	if (dtype === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot use port "${name}": TensorFlow has no element type for ${found.type}`,
		);
	const { scale = [], zeroPoint = [] } = found.quantization ?? {};
	return {
		name,
		tensor,
		dtype,
		shape: found.shapeSignature ?? found.shape ?? [],
		...(scale.length === 1
			? {
					quantization: {
						scale: scale[0],
						zeroPoint: Number(zeroPoint[0] ?? 0n),
					},
				}
			: {}),
	};
}
