import { type Constant, reshapedConstant } from "../../tensor/constant.js";
import type { OnnxAttrs } from "./graph.js";
import { channelsFirstConstant, channelVector } from "./layout.js";
import type { EmitOptions, LowerContext, OnnxValue } from "./lowering.js";

/**
 * Lowers an op whose output is its inputs broadcast together, element by element. If one input exists channels first and
 * the others can follow (same rank, a scalar, or a constant), the op works channels first, so
 * that no transposition comes between a convolution and what follows it.
 */
export function elementwise(
	context: LowerContext,
	op: string,
	attrs: OnnxAttrs = {},
	options: EmitOptions = {},
): OnnxValue {
	const { inputs, channelsFirst } = alignedInputs(context);
	const output = context.emit(op, inputs, attrs, options);
	return channelsFirst ? { ...output, channelsFirst: true } : output;
}

export interface AlignedInputs {
	readonly inputs: readonly OnnxValue[];
	readonly channelsFirst: boolean;
}

/** All inputs of the node in one layout; see `elementwise`. For rows that emit more than one ONNX node on them. */
export function alignedInputs(context: LowerContext): AlignedInputs {
	const indices = context.node.inputs.map((_, index) => index);
	const rank = sharedRank(context, indices);
	if (rank === undefined)
		return {
			inputs: indices.map((index) => context.input(index)),
			channelsFirst: false,
		};
	return {
		inputs: indices.map((index) => followingInput(context, index, rank)),
		channelsFirst: true,
	};
}

/** The rank at which the op can work channels first, or `undefined` if it should not or cannot. */
function sharedRank(
	context: LowerContext,
	indices: readonly number[],
): number | undefined {
	const leader = indices.find((index) => context.isChannelsFirst(index));
	const rank =
		leader === undefined ? undefined : context.inputs[leader].shape?.length;
	if (
		rank === undefined ||
		!indices.every((index) => canFollow(context, index, rank))
	)
		return undefined;
	return rank;
}

function canFollow(
	context: LowerContext,
	index: number,
	rank: number,
): boolean {
	const { shape } = context.inputs[index];
	if (shape === undefined) return false;
	return (
		shape.length === rank ||
		shape.length === 0 ||
		(shape.length < rank && context.constant(index) !== undefined)
	);
}

function followingInput(
	context: LowerContext,
	index: number,
	rank: number,
): OnnxValue {
	const shape = context.inputs[index].shape ?? [];
	if (shape.length === rank) return context.channelsFirst(index);
	if (shape.length === 0) return context.input(index);
	const key = `channels first, rank ${rank}`;
	return context.derived(index, key, (constant) =>
		shape.length === 1
			? channelVector(constant, rank)
			: channelsFirstConstant(stretched(constant, rank)),
	) as OnnxValue;
}

/** The same tensor with axes of size 1 before its own. */
function stretched(constant: Constant, rank: number): Constant {
	const ones = new Array<number>(rank - constant.shape.length).fill(1);
	return reshapedConstant(constant, [...ones, ...constant.shape]);
}
