import { intsAttr, stringAttr } from "../../graph/attrs.js";
import { type GraphTypes, inferTypes } from "../../graph/infer.js";
import type { Node } from "../../graph/ir.js";
import { consumersOf, type Pass, rewrite } from "../pass.js";

/** Convolutions that TensorFlow dilates by taking the picture apart into phases. */
const CONVOLUTIONS: ReadonlySet<string> = new Set([
	"Conv2D",
	"DepthwiseConv2dNative",
]);

/**
 * SpaceToBatchND → convolution (stride 1, VALID) → BatchToSpaceND is one dilated convolution: cutting into phases,
 * convolving each and putting them together again is convolving with gaps. What the first pads and the last crops
 * becomes the convolution's own padding. Only where block and paddings are constants.
 */
export const fuseDilations: Pass = (program) => {
	const types = inferTypes(program);
	const consumers = consumersOf(program);
	const producers = new Map(
		program.nodes.flatMap((node) =>
			node.outputs.map((output) => [output, node] as const),
		),
	);
	return rewrite(program, (node) => {
		if (node.op !== "BatchToSpaceND") return undefined;
		const convolution = producers.get(node.inputs[0]);
		const split =
			convolution === undefined
				? undefined
				: producers.get(convolution.inputs[0]);
		if (
			convolution === undefined ||
			split?.op !== "SpaceToBatchND" ||
			consumers.get(node.inputs[0])?.length !== 1
		)
			return undefined;
		const attrs = dilatedAttrs(split, convolution, node, types);
		if (attrs === undefined) return undefined;
		return {
			nodes: [
				{
					...convolution,
					name: `${node.name}/dilated`,
					inputs: [split.inputs[0], convolution.inputs[1]],
					outputs: node.outputs,
					attrs,
				},
			],
		};
	});
};

function dilatedAttrs(
	split: Node,
	convolution: Node,
	join: Node,
	types: GraphTypes,
): Node["attrs"] | undefined {
	if (
		!CONVOLUTIONS.has(convolution.op) ||
		stringAttr(convolution, "padding") !== "VALID" ||
		stringAttr(convolution, "data_format") !== "NHWC"
	)
		return undefined;
	const isPlain = [
		...intsAttr(convolution, "strides"),
		...intsAttr(convolution, "dilations"),
	].every((step) => step === 1);
	const [block, paddings, joinBlock, crops] = [
		split.inputs[1],
		split.inputs[2],
		join.inputs[1],
		join.inputs[2],
	].map((value) => numbers(types, value));
	if (
		!isPlain ||
		!block ||
		!paddings ||
		!crops ||
		joinBlock?.join() !== block.join() ||
		block.length > 2
	)
		return undefined;
	const padding = paddings.map((size, i) => size - crops[i]);
	if (padding.some((size) => size < 0)) return undefined;
	// a block of one dimension covers the height alone
	const dilations = [1, block[0], block[1] ?? 1, 1];
	const explicit = [
		0,
		0,
		padding[0],
		padding[1],
		padding[2] ?? 0,
		padding[3] ?? 0,
		0,
		0,
	];
	return {
		...convolution.attrs,
		dilations,
		padding: "EXPLICIT",
		explicit_paddings: explicit,
	};
}

function numbers(
	types: GraphTypes,
	value: string,
): readonly number[] | undefined {
	const tensor = types.constant(value);
	return tensor === undefined
		? undefined
		: Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}
