import type { ValueName } from "../../../graph/ir.js";
import type { BodyView } from "./body.js";
import type { FoundCell } from "./cell.js";
import { gate, rowAndState } from "./gate.js";

/** `h' = f(x·W + h·U + b)` */
export function simpleCell(
	view: BodyView,
	{ before, after }: { readonly before: ValueName; readonly after: ValueName },
): FoundCell | undefined {
	const activated = view.activated(after);
	const sum = activated && view.affine(activated.source);
	const parts = sum && rowAndState(view, sum, before);
	if (activated === undefined || parts === undefined) return undefined;
	const units = parts.state.weights.shape[1];
	return {
		cell: {
			kind: "simple",
			gates: { state: gate(parts.row, parts.state, 0, units) },
			activation: activated.activation,
		},
		sequence: parts.sequence,
	};
}
