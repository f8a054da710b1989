import type { ControlForm } from "../../graph/bodies.js";
import type { GraphTypes } from "../../graph/infer.js";
import type { Attr, Node, ValueName } from "../../graph/ir.js";
import { listAttr } from "../bodies/ports.js";
import { isComplex, type Pair, partAttrs } from "./pair.js";

/** A branch or loop that passes both parts of complex values, in their place. */
export function splitControl(
	node: Node,
	{ first, inputTypes, outputTypes }: ControlForm,
	types: GraphTypes,
	pairs: Map<ValueName, Pair>,
): Node {
	const isSplit = (value: ValueName) => isComplex(types.typeOf(value).dtype);
	const parts = (values: readonly ValueName[]) =>
		values.flatMap((value) => {
			const pair = pairs.get(value);
			return pair === undefined ? [value] : [pair.re, pair.im];
		});
	const twice = (name: string, values: readonly ValueName[]): readonly Attr[] =>
		listAttr(node.attrs, name).flatMap((attr, i) =>
			values[i] !== undefined && isSplit(values[i]) ? [attr, attr] : [attr],
		);
	for (const output of node.outputs)
		if (isSplit(output))
			pairs.set(output, { re: `${output}/re`, im: `${output}/im` });
	return {
		...node,
		inputs: parts(node.inputs),
		outputs: parts(node.outputs),
		attrs: partAttrs({
			...node.attrs,
			[inputTypes]: twice(inputTypes, node.inputs.slice(first)),
			[outputTypes]: twice(outputTypes, node.outputs),
			output_shapes: twice("output_shapes", node.outputs),
			...stackedCount(node, isSplit),
		}),
	};
}

/** How many outputs of a loop are stacked over its rounds (bodies/scan.ts): they stand behind those that it carries. */
function stackedCount(
	{ attrs, inputs, outputs }: Node,
	isSplit: (value: ValueName) => boolean,
): { readonly _stacked?: number } {
	if (typeof attrs._stacked !== "number") return {};
	const split = outputs.slice(inputs.length).filter(isSplit).length;
	return { _stacked: attrs._stacked + split };
}
