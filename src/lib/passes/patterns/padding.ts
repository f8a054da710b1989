import { intsAttr, stringAttr } from "../../graph/attrs.js";
import { inferTypes } from "../../graph/infer.js";
import type { Node } from "../../graph/ir.js";
import { type Pass, rewrite } from "../pass.js";

/** Convolutions that can pad by themselves, with padding `EXPLICIT`. */
const CONVOLUTIONS: ReadonlySet<string> = new Set([
	"Conv2D",
	"DepthwiseConv2dNative",
]);

/** Zeros that are put around a picture just before a convolution without padding become padding of the convolution. */
export const fusePadding: Pass = (program) => {
	const types = inferTypes(program);
	const pads = new Map(
		program.nodes
			.filter(({ op }) => op === "Pad")
			.map((node) => [node.outputs[0], node]),
	);
	return rewrite(program, (node) => {
		if (!CONVOLUTIONS.has(node.op) || stringAttr(node, "padding") !== "VALID")
			return undefined;
		const pad = pads.get(node.inputs[0]);
		const paddings =
			pad === undefined ? undefined : types.constant(pad.inputs[1]);
		if (pad === undefined || paddings === undefined) return undefined;
		return padded(
			node,
			pad,
			Array.from(paddings.data as ArrayLike<number | bigint>, Number),
		);
	});
};

function padded(node: Node, pad: Node, paddings: readonly number[]) {
	const [batch, channel] =
		stringAttr(node, "data_format") === "NCHW" ? [0, 1] : [0, 3];
	const isSpatialOnly =
		paddings.length === 8 &&
		[batch, channel].every(
			(axis) => paddings[2 * axis] === 0 && paddings[2 * axis + 1] === 0,
		);
	if (
		!isSpatialOnly ||
		paddings.some((size) => size < 0) ||
		intsAttr(node, "strides").length !== 4
	)
		return undefined;
	const attrs = {
		...node.attrs,
		padding: "EXPLICIT",
		explicit_paddings: paddings,
	};
	return {
		nodes: [
			{ ...node, inputs: [pad.inputs[0], ...node.inputs.slice(1)], attrs },
		],
	};
}
