import { mapFunctions } from "../../graph/bodies.js";
import { inferTypes } from "../../graph/infer.js";
import type { Graph, Node } from "../../graph/ir.js";
import type { Constant } from "../../tensor/constant.js";
import type { Shape } from "../../tensor/tensor.js";
import type { Settling } from "../bodies.js";
import type { Replacement } from "../pass.js";
import { commonShape, listAttr, withConstants, withTypes } from "./ports.js";

/** Branches are given the constants and types of their inputs; inputs that no branch uses are dropped. */
export function settleBranch({
	node,
	types,
	bodyOf,
	prepare,
	keep,
}: Settling): Replacement {
	const [predicate, ...passed] = node.inputs;
	const constants = new Map<number, Constant>();
	for (const [i, value] of passed.entries()) {
		const constant = types.constantOf(value);
		if (constant !== undefined) constants.set(i, constant);
	}
	const open = passed.filter((_, i) => !constants.has(i));
	const bodies = new Map<string, Graph>();
	mapFunctions(node.attrs, (_, reference) => {
		const body = withConstants(bodyOf(reference.function), constants);
		const typed = withTypes(
			body,
			open.map((value) => types.typeOf(value)),
		);
		bodies.set(reference.function, prepare(typed));
		return reference;
	});
	const used = new Set([...bodies.values()].flatMap(usedInputs));
	const isUsed = open.map((_, i) => used.has(i));
	for (const [name, body] of bodies)
		keep(name, { ...body, inputs: body.inputs.filter((_, i) => isUsed[i]) });
	const settled: Node = {
		...node,
		inputs: [predicate, ...open.filter((_, i) => isUsed[i])],
		attrs: {
			...node.attrs,
			Tin: listAttr(node.attrs, "Tin")
				.filter((_, i) => !constants.has(i))
				.filter((_, i) => isUsed[i]),
			output_shapes: outputShapes([...bodies.values()]).map((dims) => ({
				dims,
			})),
		},
	};
	return { nodes: [settled] };
}

/** The places of a body's inputs that something in it uses. */
function usedInputs({ inputs, outputs, nodes }: Graph): readonly number[] {
	const used = new Set([
		...nodes.flatMap((node) => node.inputs),
		...outputs.map(({ value }) => value),
	]);
	return inputs.flatMap(({ value }, i) => (used.has(value) ? [i] : []));
}

/** What is known of the outputs whichever branch is taken. */
function outputShapes(bodies: readonly Graph[]): readonly Shape[] {
	const shapes = bodies.map((body) => {
		const types = inferTypes(body);
		return body.outputs.map(({ value }) => types.typeOf(value).shape);
	});
	return shapes.reduce((known, next) =>
		known.map((shape, i) => commonShape(shape, next[i])),
	);
}
