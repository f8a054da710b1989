import { boxOf, type slicingOps } from "../../ops/array/slicing.js";
import { slicedBy, sliceItems } from "../../ops/array/strided-slice.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { integers } from "./integers.js";

const stridedSlice: HostKernel = (node, [x, begin, end, strides]) => {
	const bounds = {
		begin: integers(begin),
		end: integers(end),
		strides: integers(strides),
	};
	const items = sliceItems(node, bounds.begin.length, x.shape.length);
	const cut = slicedBy(x, items, bounds);
	return cut === undefined ? undefined : [cut];
};

export const slicingKernels: HostTable<typeof slicingOps> = {
	Slice: (_, [x, begin, sizes]) => [boxOf(x, integers(begin), integers(sizes))],
	StridedSlice: stridedSlice,
};
