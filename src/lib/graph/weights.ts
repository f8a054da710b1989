import { constantAttr } from "./attrs.js";
import type { Program } from "./ir.js";

/** How many bytes the constants of a program have, and the variables that it reads as the checkpoint has them. */
export function weightBytes({ nodes, functions, state }: Program): number {
	const bodies = [...functions.values()].flatMap((body) => body.nodes);
	const constants = [...nodes, ...bodies].flatMap((node) =>
		node.op === "Const" ? [constantAttr(node, "value")] : [],
	);
	const initials = state.flatMap(({ initial }) => initial ?? []);
	return [...constants, ...initials].reduce(
		(sum, { byteLength }) => sum + byteLength,
		0,
	);
}
