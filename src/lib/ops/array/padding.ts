import type { Shape } from "../../tensor/tensor.js";
import {
	type InferContext,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { elementsOf } from "../shapes.js";

/** Edges put around tensors: a value, or what lies inside mirrored. Input 1 is [rank, 2]: before and behind each axis. */
export const paddingOps = {
	Pad: primitive((context) => [padded(context)]),
	PadV2: primitive((context) => [padded(context)]),
	MirrorPad: primitive((context) => [padded(context)]),
} as const satisfies Record<string, OpEntry>;

function padded(context: InferContext): ValueType {
	const [{ dtype, shape }, paddings] = context.inputs;
	const sizes = elementsOf(context, 1);
	const rank = shape?.length ?? paddings.shape?.[0] ?? -1;
	return {
		dtype,
		shape: rank < 0 ? undefined : paddedShape(shape, rank, sizes),
	};
}

function paddedShape(
	shape: Shape,
	rank: number,
	sizes: readonly (number | undefined)[] | undefined,
): readonly number[] {
	return Array.from({ length: rank }, (_, axis) => {
		const size = shape?.[axis] ?? -1;
		const [before, after] = [sizes?.[2 * axis], sizes?.[2 * axis + 1]];
		return size < 0 || before === undefined || after === undefined
			? -1
			: size + before + after;
	});
}
