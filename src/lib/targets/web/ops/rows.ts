import { boolAttr, intAttr, intsAttr } from "../../../graph/attrs.js";
import type { Node } from "../../../graph/ir.js";
import { bool, int, ints } from "../attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";
import type { WebAttr, WebAttrs } from "../topology.js";

/** The node as it is, all inputs and no attributes, under its own name or TensorFlow.js's. */
export function same(op?: string): WebLowering {
	return withAttrs(() => ({}), op);
}

/** The node as it is, with the attributes that TensorFlow.js reads. */
export function withAttrs(
	attrs: (node: Node) => WebAttrs,
	op?: string,
): WebLowering {
	return (context) => {
		const { node, emitMany } = context;
		return emitMany(
			op ?? node.op,
			allInputs(context),
			node.outputs.length,
			attrs(node),
		);
	};
}

export function allInputs({ node, input }: WebContext): readonly WebValue[] {
	return node.inputs.map((_, i) => input(i));
}

/** Takes its input for its output. */
export const passed: WebLowering = ({ node, input }) =>
	node.outputs.map((_, i) => input(i));

/** Attributes by name, as TensorFlow has them. */
export function bools(...names: readonly string[]): (node: Node) => WebAttrs {
	return (node) => pick(names, (name) => bool(boolAttr(node, name)));
}

export function integers(
	...names: readonly string[]
): (node: Node) => WebAttrs {
	return (node) => pick(names, (name) => int(intAttr(node, name)));
}

export function lists(...names: readonly string[]): (node: Node) => WebAttrs {
	return (node) => pick(names, (name) => ints(intsAttr(node, name)));
}

function pick(
	names: readonly string[],
	read: (name: string) => WebAttr,
): WebAttrs {
	return Object.fromEntries(names.map((name) => [name, read(name)]));
}
