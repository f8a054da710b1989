import { expressions } from "../../expression.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { cutTo, neverEmpty } from "../../never-empty.js";

/** What a recurrent operator is given, and how to read what it answers. */
export interface Fed {
	/** [time, batch, features]. */
	readonly sequence: OnnxValue;
	/** [batch, units] each. */
	readonly starts: readonly OnnxValue[];
	/** The state at the end, [batch, units], which began as start `index`. */
	ended(state: OnnxValue, index: number): OnnxValue;
	/** The states of all rounds, [time, batch, units]. */
	stacked(states: OnnxValue): OnnxValue;
}

/**
 * ONNX Runtime's LSTM and GRU end the process if a batch or a sequence is empty. Where that may be, they get a row that
 * nobody asked for, and its answers are cut away; after no round the state is what it was at the start. `shape` is what is
 * known of the sequence's.
 */
export function fedSequence(
	context: LowerContext,
	sequence: OnnxValue,
	shape: readonly number[],
	starts: readonly OnnxValue[],
): Fed {
	if (shape.slice(0, 2).every((size) => size > 0))
		return {
			sequence,
			starts,
			ended: (state) => state,
			stacked: (states) => states,
		};
	const { emit, scalar, ints } = context;
	const { equal, where } = expressions(context);
	const zero = scalar("float32", 0);
	const filled = neverEmpty(context, sequence, 3, zero);
	const states = starts.map((start) => neverEmpty(context, start, 2, zero));
	const rounds = emit("Gather", [filled.sizes, scalar("int64", 0)]);
	const still = equal(rounds, 0);
	const sizes = emit("Slice", [filled.sizes, ints([0]), ints([2])]);
	return {
		sequence: filled.value,
		starts: states.map(({ value }) => value),
		ended: (state, index) => {
			const start = states[index];
			const last = where(still, start.value, state);
			return cutTo(context, last, start.sizes, 2);
		},
		stacked: (states) => cutTo(context, states, sizes, 2),
	};
}
