import { functionAttr } from "../../../../graph/attrs.js";
import {
	type Recurrence,
	recurrence,
} from "../../../../passes/patterns/recurrence.js";
import { arithmetic } from "../../arithmetic.js";
import type { LiteContext, LiteValue } from "../../lowering.js";
import { joined, reshaped, shapeOf } from "../rows.js";
import { vectorOf, withRow } from "./accumulators.js";
import { type CellForm, cellForm } from "./cell.js";

/**
 * A loop that is a recurrent layer. What the input of all steps adds is computed before the loop, in one product. The loop
 * keeps no state from run to run, as TensorFlow Lite's own LSTM operator does until somebody resets it; `undefined` for any
 * other loop.
 */
export function recurrentLayer(
	context: LiteContext,
): readonly LiteValue[] | undefined {
	const found = recurrence(context.node, context.bodyOf, context.types);
	if (found === undefined) return undefined;
	const { input, node, outputs, cast } = context;
	const form = cellForm(found.cell);
	const rounds = roundsOf(context, found);
	const steps = projected(context, found, form);
	const states = [found.hidden, found.memory]
		.filter((place) => place !== undefined)
		.map((place) => input(place));
	const [ended, rows] = looped(context, form, {
		rounds,
		steps,
		states,
		stacks: found.stacked.length > 0,
	});
	const body = context.bodyOf(functionAttr(node, "body"));
	return outputs.map(({ dtype }, i) => {
		if (i === found.hidden) return ended[0];
		if (i === found.memory) return ended[1];
		if (found.stacked.includes(i)) return rows as LiteValue;
		return body.inputs[i].value === body.outputs[i].value
			? input(i)
			: cast(rounds, dtype);
	});
}

/** A scalar of int32. */
function roundsOf(context: LiteContext, { rounds, sequence }: Recurrence) {
	const { node, input, scalar, inputs, cast } = context;
	if ("value" in rounds) {
		const count = cast(input(node.inputs.indexOf(rounds.value)), "int32");
		return reshaped(context, count, []);
	}
	const rows = inputs[sequence].shape?.[0] ?? -1;
	return scalar(
		"int32",
		rows < 0 ? rounds.known : Math.min(rounds.known, rows),
	);
}

/** [time, batch, gates·units] of [time, batch, features]. */
function projected(
	context: LiteContext,
	{ sequence }: Recurrence,
	{ inputWeights, inputBias }: CellForm,
): LiteValue {
	const { input, emit, weight } = context;
	const from = input(sequence);
	return emit(
		"FULLY_CONNECTED",
		[from, weight(inputWeights), weight(inputBias)],
		{
			dtype: "float32",
			shape: from.shape && [...from.shape.slice(0, -1), inputBias.shape[0]],
		},
		["FullyConnectedOptions", { keepNumDims: true }],
	);
}

interface Loop {
	readonly rounds: LiteValue;
	readonly steps: LiteValue;
	readonly states: readonly LiteValue[];
	/** Whether the state after each step is wanted. */
	readonly stacks: boolean;
}

/** The last states, and those of all steps. */
function looped(
	context: LiteContext,
	form: CellForm,
	{ rounds, steps, states, stacks }: Loop,
): readonly [readonly LiteValue[], LiteValue | undefined] {
	const { graph, emitMany, emit, scalar, node } = context;
	const [hidden] = states;
	const rows = stacks
		? [
				emit(
					"FILL",
					[
						joined(
							context,
							[vectorOf(context, rounds), shapeOf(context, hidden)],
							0,
						),
						scalar("float32", 0),
					],
					{
						dtype: "float32",
						shape: hidden.shape && [steps.shape?.[0] ?? -1, ...hidden.shape],
					},
				),
			]
		: [];
	const carried = [scalar("int32", 0), rounds, steps, ...states, ...rows];
	const condSubgraphIndex = graph(
		`${node.name}/cond`,
		carried,
		(inner, [counter, count]) => [arithmetic(inner).less(counter, count)],
	);
	const bodySubgraphIndex = graph(
		`${node.name}/body`,
		carried,
		(inner, [counter, count, all, ...rest]) => {
			const before = rest.slice(0, states.length);
			const after = form.step(inner, rowAt(inner, all, counter), before);
			return [
				arithmetic(inner).add(counter, 1),
				count,
				all,
				...after,
				...rest
					.slice(states.length)
					.map((stack) => withRow(inner, stack, after[0], counter)),
			];
		},
	);
	const ended = emitMany("WHILE", carried, carried, [
		"WhileOptions",
		{ condSubgraphIndex, bodySubgraphIndex },
	]).slice(3);
	return [ended.slice(0, states.length), ended[states.length]];
}

/** Row `place` along the first axis. */
function rowAt(
	{ emit }: LiteContext,
	rows: LiteValue,
	place: LiteValue,
): LiteValue {
	return emit(
		"GATHER",
		[rows, place],
		{ dtype: rows.dtype, shape: rows.shape?.slice(1) },
		["GatherOptions", { axis: 0 }],
	);
}
