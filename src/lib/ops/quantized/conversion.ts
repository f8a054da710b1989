import { dtypeAttr, intAttr } from "../../graph/attrs.js";
import {
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";

/** The ends of the range that the integers stand for. */
export const RANGE: readonly ValueType[] = [
	{ dtype: "float32", shape: [] },
	{ dtype: "float32", shape: [] },
];

const requantized: InferRule = ({ node, inputs }) => [
	{ dtype: dtypeAttr(node, "out_type"), shape: inputs[0].shape },
	...RANGE,
];

const converted: InferRule = ({ node, inputs }) => [
	{ dtype: dtypeAttr(node, "Tout"), shape: inputs[0].shape },
];

/** Between floats and quantized numbers, and between ranges. */
export const conversionOps = {
	/** A range for each place along `axis`, if there is one. */
	QuantizeV2: primitive(({ node, inputs: [x, low] }) => {
		const range: ValueType = {
			dtype: "float32",
			shape: intAttr(node, "axis") < 0 ? [] : low.shape,
		};
		return [{ dtype: dtypeAttr(node, "T"), shape: x.shape }, range, range];
	}),
	Dequantize: primitive(({ node, inputs: [x] }) => [
		{ dtype: dtypeAttr(node, "dtype"), shape: x.shape },
	]),
	Requantize: primitive(requantized),
	QuantizeDownAndShrinkRange: primitive(requantized),
	RequantizationRange: primitive(() => RANGE),
	UniformQuantize: primitive(converted),
	UniformDequantize: primitive(converted),
	UniformRequantize: primitive(converted),
} as const satisfies Record<string, OpEntry>;
