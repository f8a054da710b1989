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

/** An argument by its place or its name; undefined where it is not given, or none. */
export function argumentOf(
	{ args, kwargs }: ActualCall,
	index: number,
	name: string,
): Actual | undefined {
	const found = args[index] ?? kwargs[name];
	return found?.kind === "value" && found.value === null ? undefined : found;
}

/** A tensor among the arguments. */
export function flowOf(
	call: ActualCall,
	index: number,
	name: string,
): Flow | undefined {
	const found = argumentOf(call, index, name);
	return found === undefined ? undefined : tensorsOf(found)[0];
}

/** Whether an argument is true. */
export function isAsked({ kwargs }: ActualCall, name: string): boolean {
	const found = kwargs[name];
	return found?.kind === "value" && found.value === true;
}
