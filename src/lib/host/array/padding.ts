import { stringAttr } from "../../graph/attrs.js";
import type { paddingOps } from "../../ops/array/padding.js";
import { concat, gatherAxis } from "../../tensor/axis.js";
import { allocate, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { filled } from "./creation.js";
import { integers } from "./integers.js";

const pad: HostKernel = (_, [x, paddings, value]) => [
	padded(x, integers(paddings), value),
];

/** A tensor with `value`s around it; `sizes` says how many before and behind along each axis. */
export function padded(
	x: Tensor,
	sizes: readonly number[],
	value = zero(x),
): Tensor {
	return eachAxis(x, sizes, (current, axis, before, after) =>
		concat(
			[
				filled(value, current.shape.with(axis, before)),
				current,
				filled(value, current.shape.with(axis, after)),
			],
			axis,
		),
	);
}

/** REFLECT leaves the edge itself out, SYMMETRIC repeats it. */
const mirrorPad: HostKernel = (node, [x, paddings]) => {
	const edge = stringAttr(node, "mode") === "REFLECT" ? 0 : 1;
	return [
		eachAxis(x, integers(paddings), (current, axis, before, after) => {
			const size = current.shape[axis];
			const places = Array.from({ length: before + size + after }, (_, i) => {
				const place = i - before;
				if (place < 0) return -place - edge;
				return place < size ? place : 2 * (size - 1) + edge - place;
			});
			return gatherAxis(current, axis, places);
		}),
	];
};

function eachAxis(
	x: Tensor,
	sizes: readonly number[],
	widen: (
		current: Tensor,
		axis: number,
		before: number,
		after: number,
	) => Tensor,
): Tensor {
	return x.shape.reduce<Tensor>((current, _, axis) => {
		const [before, after] = sizes.slice(2 * axis, 2 * axis + 2);
		return before + after === 0 ? current : widen(current, axis, before, after);
	}, x);
}

function zero({ dtype }: Tensor): Tensor {
	return { dtype, shape: [], data: allocate(dtype, 1) };
}

export const paddingKernels: HostTable<typeof paddingOps> = {
	Pad: pad,
	PadV2: pad,
	MirrorPad: mirrorPad,
};
