import type { Actual, ActualCall, Flow } from "./entry.js";

/** The tensors of an argument in order, dictionaries by their keys. */
export function tensorsOf(actual: Actual): readonly Flow[] {
	if (actual.kind === "tensor") return [actual.flow];
	if (actual.kind === "list") return actual.items.flatMap(tensorsOf);
	if (actual.kind === "map")
		return Object.keys(actual.entries)
			.sort()
			.flatMap((key) => tensorsOf(actual.entries[key]));
	return [];
}

/** A call with nothing but tensors. */
export function callWith(flows: readonly Flow[]): ActualCall {
	const items = flows.map((flow): Actual => ({ kind: "tensor", flow }));
	return {
		args: [items.length === 1 ? items[0] : { kind: "list", items }],
		kwargs: {},
	};
}
