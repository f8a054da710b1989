import type { ValueName } from "../../../graph/ir.js";
import type { BodyView, Columns } from "./body.js";
import type { Activation, FoundCell } from "./cell.js";
import { gate, rowAndState } from "./gate.js";

/** Values of one step: the state before and after, the memory and what is kept of it. */
export interface LongShortStep {
	readonly before: ValueName;
	readonly after: ValueName;
	readonly memory: ValueName;
	readonly kept: ValueName;
}

interface ActiveColumns {
	readonly columns: Columns;
	readonly activation: Activation;
}

/** `c' = σ(f)·c + σ(i)·τ(g)`, `h' = σ(o)·ρ(c')`, where i, f, g, o are columns of `x·W + h·U + b`. */
export function longShortCell(
	view: BodyView,
	{ before, after, memory, kept }: LongShortStep,
): FoundCell | undefined {
	const [output, shown] = factors(
		view,
		after,
		(value) => view.activated(value)?.source === kept,
	);
	const sum = view.added(kept) ?? [];
	const forgotten = sum.find((value) =>
		view.inputsOf(value, "Mul")?.includes(memory),
	);
	const learned = sum.find((value) => value !== forgotten);
	if (forgotten === undefined || learned === undefined) return undefined;
	const [forget] = factors(view, forgotten, (value) => value === memory);
	const [f, o] = [active(view, forget), active(view, output)];
	const parts = (view.inputsOf(learned, "Mul") ?? []).map((value) =>
		active(view, value),
	);
	const i = parts.find((part) => part?.activation === f?.activation);
	const g = parts.find((part) => part !== i);
	const outputActivation = shown && view.activated(shown)?.activation;
	if (!f || !o || !i || !g || !outputActivation) return undefined;
	const { source } = f.columns;
	const affine = view.affine(source);
	const split = affine && rowAndState(view, affine, before);
	if (
		split === undefined ||
		o.activation !== f.activation ||
		![o, i, g].every(({ columns }) => columns.source === source)
	)
		return undefined;
	const gateOf = ({ columns: { from, to } }: ActiveColumns) =>
		gate(split.row, split.state, from, to);
	return {
		cell: {
			kind: "lstm",
			gates: {
				input: gateOf(i),
				output: gateOf(o),
				forget: gateOf(f),
				state: gateOf(g),
			},
			gateActivation: f.activation,
			activation: g.activation,
			outputActivation,
		},
		sequence: split.sequence,
	};
}

/** The factors of a product of two, that for which `isSecond` holds second. */
export function factors(
	view: BodyView,
	value: ValueName,
	isSecond: (value: ValueName) => boolean,
): readonly (ValueName | undefined)[] {
	const [a, b] = view.inputsOf(value, "Mul") ?? [];
	if (a === undefined || b === undefined) return [];
	if (isSecond(b)) return [a, b];
	return isSecond(a) ? [b, a] : [];
}

function active(
	view: BodyView,
	value: ValueName | undefined,
): ActiveColumns | undefined {
	const activated = value === undefined ? undefined : view.activated(value);
	const columns = activated && view.columns(activated.source);
	return activated && columns && { columns, activation: activated.activation };
}
