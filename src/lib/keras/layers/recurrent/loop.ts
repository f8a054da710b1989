import type { Port } from "../../../graph/ir.js";
import type { GraphBuilder, Value } from "../../graph/builder.js";
import { lengthsOf, packed } from "../../graph/shape.js";

/** What happens in each step: the next states from a row of the sequence, the states before and what does not change. */
export type Step = (
	body: GraphBuilder,
	row: Value,
	states: readonly Value[],
	constants: readonly Value[],
) => readonly Value[];

export interface Recurrence {
	/** [time, batch, …] */
	readonly sequence: Value;
	/** [time, batch]: where it is false, everything stays as it is. */
	readonly mask: Value | undefined;
	readonly states: readonly Value[];
	readonly constants: readonly Value[];
	readonly step: Step;
	/** Which state is what the layer gives. */
	readonly output: number;
	/** Whether masked steps give zeros, and not what the step before gave. */
	readonly zeroWhereMasked: boolean;
	/** Whether every step's output is wanted. */
	readonly all: boolean;
}

export interface RecurrenceResult {
	/** [time, batch, …], where all are wanted. */
	readonly outputs: Value | undefined;
	readonly last: Value;
	readonly states: readonly Value[];
}

/** A loop over a sequence as Keras writes it (keras backend/tensorflow/rnn.py): rows from one list, outputs into another. */
export function recurrent(
	graph: GraphBuilder,
	recurrence: Recurrence,
): RecurrenceResult {
	const { sequence, mask, states, constants, output, all } = recurrence;
	const steps = lengthsOf(graph, sequence)[0];
	const count =
		typeof steps === "number" ? graph.scalar("int32", steps) : steps;
	const given = states[output];
	// what the layer gave last is its state, unless steps are left out
	const previous = mask === undefined ? [] : [graph.op("ZerosLike", [given])];
	const inputs = [
		graph.scalar("int32", 0),
		count,
		listOf(graph, sequence),
		...(mask === undefined ? [] : [listOf(graph, mask)]),
		...(all ? [reserved(graph, given, count)] : []),
		...previous,
		...states,
		...constants,
	];
	const ports = inputs.map(
		({ dtype, shape }, i): Port => ({
			name: `input_${i}`,
			value: `input_${i}`,
			dtype,
			shape,
		}),
	);
	const cond = graph.body("while_cond", ports, (body, [time, end]) => [
		body.op("Less", [time, end]),
	]);
	const body = graph.body("while_body", ports, (inner, values) =>
		oneStep(inner, values, recurrence),
	);
	const results = graph
		.many(
			"StatelessWhile",
			inputs,
			{
				cond,
				body,
				output_shapes: inputs.map(({ shape }) => ({ dims: shape })),
			},
			"while",
		)
		.map((value, i) => graph.shaped(value, inputs[i].shape));
	let at = mask === undefined ? 3 : 4;
	const list = all ? results[at++] : undefined;
	const last = mask === undefined ? results[at + output] : results[at++];
	const ended = results.slice(at, at + states.length);
	return {
		outputs:
			list === undefined ? undefined : stacked(graph, list, given, sequence),
		last,
		states: ended,
	};
}

function oneStep(
	body: GraphBuilder,
	values: readonly Value[],
	{ sequence, mask, states, step, output, zeroWhereMasked, all }: Recurrence,
): readonly Value[] {
	let at = 0;
	const [time, end, rows] = [values[at++], values[at++], values[at++]];
	const masks = mask === undefined ? undefined : values[at++];
	const list = all ? values[at++] : undefined;
	const previous = mask === undefined ? undefined : values[at++];
	const before = values.slice(at, at + states.length);
	const constants = values.slice(at + states.length);
	const row = item(body, rows, time, sequence);
	const made = step(body, row, before, constants);
	const counts =
		masks === undefined || mask === undefined
			? undefined
			: item(body, masks, time, mask);
	const after = made.map((value, i) =>
		counts === undefined ? value : chosen(body, counts, value, before[i]),
	);
	const given =
		counts === undefined || previous === undefined
			? after[output]
			: chosen(
					body,
					counts,
					made[output],
					zeroWhereMasked ? body.op("ZerosLike", [previous]) : previous,
				);
	return [
		body.op("AddV2", [time, body.scalar("int32", 1)]),
		end,
		rows,
		...(masks === undefined ? [] : [masks]),
		...(list === undefined
			? []
			: [body.op("TensorListSetItem", [list, time, given])]),
		...(previous === undefined ? [] : [given]),
		...after,
		...constants,
	];
}

/** A row's value where it counts; the mask has fewer axes. */
function chosen(
	body: GraphBuilder,
	counts: Value,
	value: Value,
	otherwise: Value,
): Value {
	let wide = counts;
	const axes = (value.shape?.length ?? 2) - (counts.shape?.length ?? 1);
	for (let i = 0; i < axes; i++)
		wide = body.op("ExpandDims", [wide, body.scalar("int32", -1)]);
	return body.op("SelectV2", [wide, value, otherwise]);
}

function rowShape({ shape }: Value): readonly number[] {
	return (shape ?? []).slice(1);
}

function listOf(graph: GraphBuilder, sequence: Value): Value {
	return graph.op(
		"TensorListFromTensor",
		[sequence, graph.ints(rowShape(sequence))],
		{ element_dtype: sequence.dtype, shape_type: "int32" },
	);
}

function item(
	body: GraphBuilder,
	list: Value,
	time: Value,
	sequence: Value,
): Value {
	const shape = rowShape(sequence);
	const row = body.op("TensorListGetItem", [list, time, body.ints(shape)], {
		element_dtype: sequence.dtype,
	});
	return body.shaped(row, shape);
}

function reserved(
	graph: GraphBuilder,
	{ dtype, shape = [] }: Value,
	count: Value,
) {
	return graph.op("TensorListReserve", [graph.ints(shape), count], {
		element_dtype: dtype,
		shape_type: "int32",
	});
}

function stacked(
	graph: GraphBuilder,
	list: Value,
	{ dtype, shape = [] }: Value,
	sequence: Value,
): Value {
	const rows = graph.op("TensorListStack", [list, graph.ints(shape)], {
		element_dtype: dtype,
		num_elements: -1,
	});
	return graph.shaped(rows, [sequence.shape?.[0] ?? -1, ...shape]);
}

/** Zeros as many as the sequence has rows in its batch. */
export function zeroState(
	graph: GraphBuilder,
	sequence: Value,
	rest: readonly number[],
): Value {
	const batch = lengthsOf(graph, sequence)[1];
	const zeros = graph.op("Fill", [
		packed(graph, [batch, ...rest]),
		graph.scalar(sequence.dtype, 0),
	]);
	return graph.shaped(zeros, [typeof batch === "number" ? batch : -1, ...rest]);
}
