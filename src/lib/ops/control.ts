import { dtypesAttr } from "../graph/attrs.js";
import type { Attr, Node, ShapeAttr } from "../graph/ir.js";
import { type InferRule, type OpEntry, primitive } from "./define.js";

/** Branches and loops: their bodies are graphs in `Program.functions`. */
export const controlOps = {
	If: primitive(declared("Tout")),
	StatelessIf: primitive(declared("Tout")),
	Case: primitive(declared("Tout")),
	StatelessCase: primitive(declared("Tout")),
	While: primitive(declared("T")),
	StatelessWhile: primitive(declared("T")),
} as const satisfies Record<string, OpEntry>;

/** The types that the node's own attributes say; the pass that settles bodies keeps `output_shapes` as exact as it can. */
function declared(types: string): InferRule {
	return ({ node }) =>
		dtypesAttr(node, types).map((dtype, i) => ({
			dtype,
			shape: declaredShape(node, i)?.dims,
		}));
}

function declaredShape({ attrs }: Node, index: number): ShapeAttr | undefined {
	const shapes: Attr | undefined = attrs.output_shapes;
	return Array.isArray(shapes) ? shapes[index] : undefined;
}
