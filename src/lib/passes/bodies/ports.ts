import type { Attr, Attrs, Graph, Node, Port } from "../../graph/ir.js";
import type { Constant } from "../../tensor/constant.js";
import type { Shape } from "../../tensor/tensor.js";

/** A body whose ports at these places are constants of its own. */
export function withConstants(
	body: Graph,
	constants: ReadonlyMap<number, Constant>,
): Graph {
	const made = [...constants].map(([i, value]): Node => {
		const port = body.inputs[i];
		return {
			name: `${port.value}/constant`,
			op: "Const",
			inputs: [],
			outputs: [port.value],
			attrs: { value, dtype: value.dtype },
		};
	});
	return {
		...body,
		inputs: body.inputs.filter((_, i) => !constants.has(i)),
		nodes: [...made, ...body.nodes],
	};
}

/** A graph whose inputs have these types. */
export function withTypes(
	graph: Graph,
	types: readonly Pick<Port, "dtype" | "shape">[],
): Graph {
	return {
		...graph,
		inputs: graph.inputs.map((port, i) => ({
			...port,
			dtype: types[i].dtype,
			shape: types[i].shape,
		})),
	};
}

/** A list attribute of a node, empty if it has none. */
export function listAttr(attrs: Attrs, name: string): readonly Attr[] {
	const list = attrs[name];
	return Array.isArray(list) ? list : [];
}

/** What two shapes have in common: sizes that differ are unknown, and so is the rank if that differs. */
export function commonShape(a: Shape, b: Shape): Shape {
	if (a === undefined || b === undefined || a.length !== b.length)
		return undefined;
	return a.map((size, i) => (size === b[i] ? size : -1));
}

export function isSameShape(a: Shape, b: Shape): boolean {
	if (a === undefined || b === undefined) return a === b;
	return a.length === b.length && a.every((size, i) => size === b[i]);
}
