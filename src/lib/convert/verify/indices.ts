import { type GraphTypes, inferTypes } from "../../graph/infer.js";
import type { Node, Program, ValueName } from "../../graph/ir.js";
import { PASSES } from "../../passes/index.js";
import { consumersOf } from "../../passes/pass.js";

/** Operations that take rows by their index: which input has the rows, which one the indices. */
const GATHERS: Readonly<
	Record<string, { readonly rows: number; readonly indices: number }>
> = {
	Gather: { rows: 0, indices: 1 },
	GatherV2: { rows: 0, indices: 1 },
};

/** Operations that hand indices on; Keras adds the number of rows to those below zero. */
const HANDS_ON: ReadonlySet<string> = new Set([
	"AddV2",
	"Cast",
	"ExpandDims",
	"Identity",
	"Maximum",
	"Minimum",
	"Reshape",
	"SelectV2",
	"Squeeze",
	"Transpose",
]);

/** How many rows there are of what each input is an index into, by name; inputs that are none are left out. */
export function indexBounds(program: Program): ReadonlyMap<string, number> {
	const prepared = PASSES.reduce((current, { pass }) => pass(current), program);
	const types = inferTypes(prepared);
	const consumers = consumersOf(prepared);
	const bounds = new Map<string, number>();
	for (const { name, value } of program.inputs) {
		const found = boundsOf(value, consumers, types);
		if (found.length > 0) bounds.set(name, Math.min(...found));
	}
	return bounds;
}

function boundsOf(
	value: ValueName,
	consumers: ReadonlyMap<ValueName, readonly Node[]>,
	types: GraphTypes,
): readonly number[] {
	return (consumers.get(value) ?? []).flatMap((node) => {
		if (HANDS_ON.has(node.op))
			return boundsOf(node.outputs[0], consumers, types);
		const gather = GATHERS[node.op];
		if (gather === undefined || node.inputs[gather.indices] !== value)
			return [];
		const axis = types.typeOf(node.inputs[2] ?? "").elements?.[0] ?? 0;
		const shape = types.typeOf(node.inputs[gather.rows]).shape;
		const rows = shape?.at(axis) ?? -1;
		return rows > 0 ? [rows] : [];
	});
}
