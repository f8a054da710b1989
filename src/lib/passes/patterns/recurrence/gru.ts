import type { ValueName } from "../../../graph/ir.js";
import type { BodyView, Columns } from "./body.js";
import type { Activation, FoundCell, Gate } from "./cell.js";
import { columns, type Product, product } from "./gate.js";
import { factors } from "./lstm.js";

interface GatedStep {
	readonly before: ValueName;
	readonly after: ValueName;
}

/** The columns of x·W + b and of h·U + b that a gate adds. */
interface GateColumns {
	readonly row: Columns;
	readonly state: Columns;
	readonly activation: Activation;
}

/** `h' = σ(z)·h + (1 - σ(z))·τ(g)`, where g has the state behind σ(r): after its weights, or before. */
export function gatedCell(
	view: BodyView,
	{ before, after }: GatedStep,
): FoundCell | undefined {
	const sum = view.added(after) ?? [];
	const carried = sum.find((value) =>
		view.inputsOf(value, "Mul")?.includes(before),
	);
	const learned = sum.find((value) => value !== carried);
	if (carried === undefined || learned === undefined) return undefined;
	const [update] = factors(view, carried, (value) => value === before);
	const [fresh] = factors(view, learned, (value) =>
		isRest(view, value, update),
	);
	const proposal = fresh && view.activated(fresh);
	const z = update && gateColumns(view, update);
	if (!z || !proposal) return undefined;
	const row = productOf(view, z.row.source);
	const state = productOf(view, z.state.source);
	const sequence = row && view.sequenceOf(row.source);
	if (!row || !sequence || state?.source !== before) return undefined;
	const found =
		resetAfter(view, proposal.source, z) ??
		resetBefore(view, proposal.source, z, before);
	if (found?.reset.activation !== z.activation) return undefined;
	const gateOf = ({ row: r, state: s }: Pick<GateColumns, "row" | "state">) =>
		joinGate(row, state, r, s);
	return {
		cell: {
			kind: "gru",
			gates: {
				update: gateOf(z),
				reset: gateOf(found.reset),
				state:
					"weights" in found
						? joinGate(row, found.weights, found.row, whole(found.weights))
						: gateOf({ row: found.row, state: found.state }),
			},
			resetsAfter: !("weights" in found),
			gateActivation: z.activation,
			activation: proposal.activation,
		},
		sequence,
	};
}

/** Whether a value is one minus the gate. */
function isRest(
	view: BodyView,
	value: ValueName,
	update: ValueName | undefined,
): boolean {
	const [one, gate] = view.inputsOf(value, "Sub") ?? [];
	return (
		gate === update && one !== undefined && view.constant(one)?.data[0] === 1
	);
}

function gateColumns(
	view: BodyView,
	value: ValueName,
): GateColumns | undefined {
	const activated = view.activated(value);
	const parts = (activated && view.added(activated.source))?.map((part) =>
		view.columns(part),
	);
	if (!activated || !parts) return undefined;
	const row = parts.find((part) => part && isOfRow(view, part));
	const state = parts.find((part) => part !== row);
	return row && state && { row, state, activation: activated.activation };
}

function isOfRow(view: BodyView, { source }: Columns): boolean {
	const found = productOf(view, source);
	return found !== undefined && view.sequenceOf(found.source) !== undefined;
}

function productOf(view: BodyView, value: ValueName): Product | undefined {
	const sum = view.affine(value);
	return sum && product(sum);
}

/** `x·W + r·(h·U + b)` */
function resetAfter(
	view: BodyView,
	value: ValueName,
	z: GateColumns,
):
	| {
			readonly row: Columns;
			readonly state: Columns;
			readonly reset: GateColumns;
	  }
	| undefined {
	const parts = view.added(value) ?? [];
	for (const part of parts) {
		const other = parts.find((candidate) => candidate !== part);
		const [gateValue, stateValue] = factors(
			view,
			part,
			(candidate) => view.columns(candidate)?.source === z.state.source,
		);
		const row = other && view.columns(other);
		const state = stateValue && view.columns(stateValue);
		const reset = gateValue && gateColumns(view, gateValue);
		if (row && state && reset && row.source === z.row.source)
			return { row, state, reset };
	}
	return undefined;
}

/** `x·W + (r·h)·U` */
function resetBefore(
	view: BodyView,
	value: ValueName,
	z: GateColumns,
	before: ValueName,
):
	| {
			readonly row: Columns;
			readonly weights: Product;
			readonly reset: GateColumns;
	  }
	| undefined {
	const parts = view.added(value) ?? [];
	for (const part of parts) {
		const other = parts.find((candidate) => candidate !== part);
		const weights = productOf(view, part);
		const [gateValue] = weights
			? factors(view, weights.source, (candidate) => candidate === before)
			: [];
		const row = other && view.columns(other);
		const reset = gateValue && gateColumns(view, gateValue);
		if (row && weights && reset && row.source === z.row.source)
			return { row, weights, reset };
	}
	return undefined;
}

function whole({ weights }: Product): Pick<Columns, "from" | "to"> {
	return { from: 0, to: weights.shape[1] };
}

function joinGate(
	row: Product,
	state: Product,
	r: Pick<Columns, "from" | "to">,
	s: Pick<Columns, "from" | "to">,
): Gate {
	return {
		input: columns(row.weights, r.from, r.to),
		state: columns(state.weights, s.from, s.to),
		inputBias: columns(row.bias, r.from, r.to),
		stateBias: columns(state.bias, s.from, s.to),
	};
}
