import { functionAttr } from "../../../graph/attrs.js";
import { body } from "../attrs.js";
import type { WebLowering, WebRow } from "../lowering.js";

/** Branches and loops as they are, with the bodies that they name; `first` is the first input that the bodies take. */
function withBodies(first: number, ...attrs: readonly string[]): WebLowering {
	return ({ node, outputs, input, emitMany, body: addBody }) => {
		const names = attrs.map((attr) => functionAttr(node, attr));
		const [wanted] = names.map(addBody);
		const kept = outputs.map(({ dtype }) => dtype !== "resource");
		const made = emitMany(
			STATELESS[node.op] ?? node.op,
			node.inputs.flatMap((_, i) =>
				i < first || wanted[i - first] ? [input(i)] : [],
			),
			kept.filter(Boolean).length,
			Object.fromEntries(attrs.map((attr, i) => [attr, body(names[i])])),
		);
		let next = 0;
		return kept.map((isKept) => (isKept ? made[next++] : "handle"));
	};
}

/** TensorFlow.js 4.22 takes If for an operation without branches, and these for the same. */
const STATELESS: Readonly<Record<string, string | undefined>> = {
	If: "StatelessIf",
	While: "StatelessWhile",
};

const branches = withBodies(1, "then_branch", "else_branch");
const loop = withBodies(0, "cond", "body");

export const controlRows: Readonly<Record<string, WebRow>> = {
	If: branches,
	StatelessIf: branches,
	While: loop,
	StatelessWhile: loop,
};
