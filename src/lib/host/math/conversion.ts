import { dtypeAttr } from "../../graph/attrs.js";
import type { conversionOps } from "../../ops/math/conversion.js";
import { DTYPES } from "../../tensor/dtype.js";
import { tensorBytes, tensorFromBytes } from "../../tensor/tensor.js";
import { complexCast, complexOfParts } from "../complex/parts.js";
import { isReal, numbersOf } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { converted } from "./converted.js";

const cast: HostKernel = (node, [x]) => {
	const dtype = dtypeAttr(node, "DstT");
	if (x.dtype === dtype) return [x];
	if (DTYPES[dtype].kind === "complex") return complexCast(node, [x]);
	if (!isReal(x.dtype) || !isReal(dtype)) return undefined;
	return [{ dtype, shape: x.shape, data: converted(numbersOf(x), dtype) }];
};

/** The same bytes as elements of another type; TensorFlow's bytes are little-endian too. */
const bitcast: HostKernel = (node, [x]) => {
	const dtype = dtypeAttr(node, "type");
	const [from, to] = [DTYPES[x.dtype].bytes, DTYPES[dtype].bytes];
	if (from === 0 || to === 0) return undefined;
	const shape =
		from === to
			? x.shape
			: from > to
				? [...x.shape, from / to]
				: x.shape.slice(0, -1);
	return [tensorFromBytes(dtype, shape, tensorBytes(x))];
};

export const conversionKernels: HostTable<typeof conversionOps> = {
	Cast: cast,
	Bitcast: bitcast,
	Complex: complexOfParts,
};
