import { dtypeAttr } from "../../graph/attrs.js";
import type { searchOps } from "../../ops/reduce/search.js";
import { normalizeAxis } from "../../ops/shapes.js";
import { gatherAxis } from "../../tensor/axis.js";
import { DTYPES } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { transpose } from "../../tensor/transpose.js";
import { integers } from "../array/integers.js";
import { numbersOf } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";

/** The slices along an axis once each, in the order of their first places, then where each slice is among them, and how often. */
const unique: HostKernel = (node, [x, axes]) => {
	const rank = x.shape.length;
	const wanted = axes === undefined ? undefined : integers(axes)[0];
	if (rank === 0 || (wanted === undefined && rank !== 1)) return undefined;
	const axis = normalizeAxis(wanted ?? 0, rank);
	const places = new Map<string, number>();
	const firsts: number[] = [];
	const counts: number[] = [];
	const found = keysAlong(x, axis).map((key, i) => {
		const place = places.get(key) ?? firsts.length;
		if (place === firsts.length) {
			places.set(key, place);
			firsts.push(i);
			counts.push(0);
		}
		counts[place]++;
		return place;
	});
	const index = dtypeAttr(node, "out_idx");
	return [
		gatherAxis(x, axis, firsts),
		tensorFromNumbers(index, [found.length], found),
		tensorFromNumbers(index, [counts.length], counts),
	].slice(0, node.outputs.length);
};

/** A text for each slice, the same for slices whose elements are all equal: 0 is -0, and NaN is no other NaN. */
function keysAlong(x: Tensor, axis: number): string[] {
	const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
	const turned = transpose(x, [axis, ...others]);
	const { kind, lanes } = DTYPES[x.dtype];
	const data = kind === "half" ? numbersOf(turned) : turned.data;
	const size = x.shape[axis];
	const inner = (elementCount(x.shape) / (size || 1)) * lanes;
	return Array.from({ length: size }, (_, i) =>
		Array.from({ length: inner }, (_, k) => {
			const element = data[i * inner + k];
			if (element instanceof Uint8Array)
				return Buffer.from(element).toString("base64");
			return Number.isNaN(element) ? `NaN ${i}` : String(element);
		}).join(),
	);
}

export const uniqueKernels: HostTable<typeof searchOps> = {
	Unique: unique,
	UniqueV2: unique,
	UniqueWithCounts: unique,
	UniqueWithCountsV2: unique,
};
