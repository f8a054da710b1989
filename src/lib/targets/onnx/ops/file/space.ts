import { intAttr, stringAttr } from "../../../../graph/attrs.js";
import type { LowerContext, Lowering, OnnxValue } from "../../lowering.js";
import {
	divideSizes,
	multiplySizes,
	reshapedTo,
	type Size,
	valueSizes,
} from "../array/sizes.js";

/** [batch, height, width, channels] of any type, cut into axes, turned and joined again. */
function moved(
	cut: (
		sizes: readonly Size[],
		block: number,
		c: LowerContext,
	) => readonly Size[],
	joined: (
		sizes: readonly Size[],
		block: number,
		c: LowerContext,
	) => readonly Size[],
): Lowering {
	return (context) => {
		const { node, emit, input } = context;
		const block = intAttr(node, "block_size");
		const isFirst = stringAttr(node, "data_format") === "NCHW";
		const image = isFirst
			? emit("Transpose", [input(0)], { perm: [0, 2, 3, 1] })
			: input(0);
		const of = valueSizes(context, image);
		const sizes = [0, 1, 2, 3].map(of);
		const blocks = reshapedTo(context, image, cut(sizes, block, context));
		const turned = emit("Transpose", [blocks], { perm: [0, 1, 3, 2, 4, 5] });
		const made = reshapedTo(context, turned, joined(sizes, block, context));
		return isFirst ? emit("Transpose", [made], { perm: [0, 3, 1, 2] }) : made;
	};
}

export const spaceToDepth = moved(
	([batch, height, width, depth], block, context) => [
		...[batch, divideSizes(context, height, block), block],
		...[divideSizes(context, width, block), block, depth],
	],
	([batch, height, width, depth], block, context) => [
		batch,
		divideSizes(context, height, block),
		divideSizes(context, width, block),
		multiplySizes(context, depth, block ** 2),
	],
);

export const depthToSpace = moved(
	([batch, height, width, depth], block, context) => [
		...[batch, height, width, block, block],
		divideSizes(context, depth, block ** 2),
	],
	([batch, height, width, depth], block, context) => [
		batch,
		multiplySizes(context, height, block),
		multiplySizes(context, width, block),
		divideSizes(context, depth, block ** 2),
	],
);

/** A row that moves blocks, for a tensor of unknown rank: the axes behind those that it moves are one meanwhile. */
export function ofAnyRank(row: Lowering): Lowering {
	return (context) => {
		const { emit, ints, inputs } = context;
		const value = context.input(0);
		const count = (inputs[1].shape?.[0] ?? inputs[2].shape?.[0] ?? 0) + 1;
		const shapeOf = (of: OnnxValue, start: number, end?: number) =>
			emit("Shape", [of], end === undefined ? { start } : { start, end }, {
				dtype: "int64",
			});
		const rest = shapeOf(value, count);
		const one = emit("ReduceProd", [rest, ints([0])], { keepdims: 1 });
		const flat = reshaped(context, value, [shapeOf(value, 0, count), one]);
		const [type, ...others] = inputs;
		const made = row({
			...context,
			inputs: [
				{ dtype: type.dtype, shape: new Array<number>(count + 1).fill(-1) },
				...others,
			],
			input: (index) => (index === 0 ? flat : context.input(index)),
		}) as OnnxValue;
		return reshaped(context, made, [shapeOf(made, 0, count), rest]);
	};
}

function reshaped(
	{ emit }: LowerContext,
	value: OnnxValue,
	sizes: readonly OnnxValue[],
): OnnxValue {
	const shape = emit("Concat", sizes, { axis: 0 });
	return emit("Reshape", [value, shape], { allowzero: 1 });
}
