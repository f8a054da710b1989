import { dtypeAttr } from "../../graph/attrs.js";
import { DTYPES } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/tensor.js";
import { type InferRule, type OpEntry, primitive } from "../define.js";
import { broadcast } from "../shapes.js";
import { withElements } from "./elements.js";
import { sameType } from "./unary.js";

const cast: InferRule = ({ node, inputs: [{ shape, elements }] }) => {
	const dtype = dtypeAttr(node, "DstT");
	const { kind } = DTYPES[dtype];
	if (elements === undefined || (kind !== "int" && kind !== "bigint"))
		return [{ dtype, shape }];
	return [withElements({ dtype, shape }, elements)];
};

const bitcast: InferRule = ({ node, inputs: [{ dtype, shape }] }) => {
	const to = dtypeAttr(node, "type");
	const ratio = DTYPES[dtype].bytes / DTYPES[to].bytes;
	return [{ dtype: to, shape: bitcastShape(shape, ratio) }];
};

/** A last axis is added for the parts of larger elements, or taken away when parts are joined. */
function bitcastShape(shape: Shape, ratio: number): Shape {
	if (ratio === 1 || shape === undefined) return shape;
	return ratio > 1 ? [...shape, ratio] : shape.slice(0, -1);
}

/** A part of a complex number, in the shape of input 0. */
const part: InferRule = ({ node, inputs: [{ shape }] }) => [
	{ dtype: dtypeAttr(node, "Tout"), shape },
];

/** Element types made of others. */
export const conversionOps = {
	Cast: primitive(cast),
	Bitcast: primitive(bitcast),
	Complex: primitive(({ node, inputs: [re, im] }) => [
		{ dtype: dtypeAttr(node, "Tout"), shape: broadcast(re.shape, im.shape) },
	]),
	Real: primitive(part),
	Imag: primitive(part),
	ComplexAbs: primitive(part),
	Angle: primitive(part),
	Conj: primitive(sameType),
} as const satisfies Record<string, OpEntry>;
