import { fail } from "../../errors.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";

/** The parts of a tensor that have parameters of their own: the places along an axis, or all of it. */
export interface ChannelSlices {
	readonly count: number;
	/** Whether there is no axis, and one part. */
	readonly isWhole: boolean;
	/** Visits the elements of a part, stretch by stretch. */
	each(channel: number, visit: (from: number, to: number) => void): void;
}

/** `axis` is -1 for none. Fails with INVALID where parameters are not as many as parts. */
export function channels(
	shape: readonly number[],
	axis: number,
	parameters: readonly Tensor[],
): ChannelSlices {
	const isWhole = axis < 0;
	if (axis >= shape.length)
		throw fail(
			"INVALID",
			`cannot quantize along axis ${axis}: the tensor has ${shape.length} dimensions`,
		);
	const count = isWhole ? 1 : shape[axis];
	for (const { data } of parameters)
		if (data.length !== count)
			throw fail(
				"INVALID",
				`cannot quantize ${count} ${isWhole ? "range" : "channels"} with ${data.length} numbers: as many are wanted`,
			);
	const inner = elementCount(isWhole ? shape : shape.slice(axis + 1));
	const outer = elementCount(isWhole ? [] : shape.slice(0, axis));
	return {
		count,
		isWhole,
		each: (channel, visit) => {
			for (let i = 0; i < outer; i++) {
				const from = (i * count + channel) * inner;
				visit(from, from + inner);
			}
		},
	};
}
