import { functionAttr } from "../../graph/attrs.js";
import type { GraphTypes } from "../../graph/infer.js";
import type { Graph, Node } from "../../graph/ir.js";
import { type CountedLoop, countedLoop } from "../bodies/counted.js";
import { isInvariant } from "../bodies/loop.js";
import { BodyView } from "./recurrence/body.js";
import type { Cell } from "./recurrence/cell.js";
import { gatedCell } from "./recurrence/gru.js";
import { longShortCell } from "./recurrence/lstm.js";
import { simpleCell } from "./recurrence/simple.js";

/** A loop that is a recurrent layer: its places are those of the loop's inputs and outputs. */
export interface Recurrence {
	readonly cell: Cell;
	/** The input that holds the sequence, [time, batch, features]. */
	readonly sequence: number;
	/** The input that starts the state, [batch, units], and the output that ends it. */
	readonly hidden: number;
	/** The same for the memory of an LSTM. */
	readonly memory?: number;
	/** Outputs that hold the state after every step. */
	readonly stacked: readonly number[];
	readonly rounds: CountedLoop["rounds"];
}

/** Understands loops as Keras writes LSTM, GRU and SimpleRNN, with constant weights; `undefined` for any other. */
export function recurrence(
	node: Node,
	bodyOf: (name: string) => Graph,
	types: GraphTypes,
): Recurrence | undefined {
	const body = bodyOf(functionAttr(node, "body"));
	const cond = bodyOf(functionAttr(node, "cond"));
	const counted = countedLoop(node, body, cond, types);
	if (counted === undefined) return undefined;
	const places = node.inputs.map((_, i) => i);
	const states = places.filter(
		(i) => !isInvariant(body, i) && !counted.counters.has(body.inputs[i].value),
	);
	const view = new BodyView(body, types, counted.counters);
	for (const [hidden, memory] of orders(states)) {
		const cell = matchCell(view, body, hidden, memory);
		if (cell === undefined) continue;
		const sequence = body.inputs.findIndex(
			({ value }) => value === cell.sequence,
		);
		const after = body.outputs[hidden].value;
		const stacked = body.outputs.slice(places.length);
		if (sequence < 0 || !stacked.every(({ value }) => value === after))
			return undefined;
		return {
			cell: cell.cell,
			sequence,
			hidden,
			...(memory === undefined ? {} : { memory }),
			stacked: stacked.map((_, i) => places.length + i),
			rounds: counted.rounds,
		};
	}
	return undefined;
}

/** Which state may be the layer's own and which its memory. */
function orders(
	states: readonly number[],
): readonly (readonly [number, number?])[] {
	const [a, b] = states;
	if (states.length === 1) return [[a]];
	return states.length === 2
		? [
				[a, b],
				[b, a],
			]
		: [];
}

function matchCell(
	view: BodyView,
	{ inputs, outputs }: Graph,
	hidden: number,
	memory: number | undefined,
) {
	const before = inputs[hidden].value;
	const after = outputs[hidden].value;
	if (memory !== undefined)
		return longShortCell(view, {
			before,
			after,
			memory: inputs[memory].value,
			kept: outputs[memory].value,
		});
	return (
		gatedCell(view, { before, after }) ?? simpleCell(view, { before, after })
	);
}
