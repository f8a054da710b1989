import type {
	Activation,
	Cell,
	Gate,
} from "../../../../passes/patterns/recurrence/cell.js";
import {
	type Recurrence,
	recurrence,
} from "../../../../passes/patterns/recurrence.js";
import type { DType } from "../../../../tensor/dtype.js";
import type { Tensor } from "../../../../tensor/tensor.js";
import { transpose } from "../../../../tensor/transpose.js";
import type { OnnxAttrs } from "../../graph.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { fedSequence } from "./empty-sequence.js";

/** How ONNX spells a cell: the operator, the order of its gates, its functions in order, what else it wants said. */
interface Spelling {
	readonly op: string;
	readonly gates: readonly Gate[];
	readonly activations: readonly Activation[];
	readonly attrs?: Readonly<Record<string, number>>;
}

const SPELLINGS: {
	readonly [Kind in Cell["kind"]]: (
		cell: Extract<Cell, { kind: Kind }>,
	) => Spelling;
} = {
	simple: ({ gates, activation }) => ({
		op: "RNN",
		gates: [gates.state],
		activations: [activation],
	}),
	gru: ({ gates, gateActivation, activation, resetsAfter }) => ({
		op: "GRU",
		gates: [gates.update, gates.reset, gates.state],
		activations: [gateActivation, activation],
		attrs: { linear_before_reset: Number(resetsAfter) },
	}),
	lstm: ({ gates, gateActivation, activation, outputActivation }) => ({
		op: "LSTM",
		gates: [gates.input, gates.output, gates.forget, gates.state],
		activations: [gateActivation, activation, outputActivation],
	}),
};

/** A loop that is a recurrent layer, as ONNX's operator for it; `undefined` for any other loop. */
export function recurrentLayer(
	context: LowerContext,
): readonly OnnxValue[] | undefined {
	const found = recurrence(context.node, context.bodyOf, context.types);
	if (found === undefined) return undefined;
	const { op, gates, activations, attrs = {} } = spellingOf(found.cell);
	const { emitMany, emit, ints, initializer } = context;
	const sequence = rowsOf(context, found);
	const units = gates[0].state.shape[0];
	const axis = ints([0]);
	const places =
		found.memory === undefined ? [found.hidden] : [found.hidden, found.memory];
	const fed = fedSequence(
		context,
		sequence,
		[roundsOf(context, found), context.inputs[found.sequence].shape?.[1] ?? -1],
		places.map(context.input),
	);
	const [hidden, cells] = fed.starts.map((start) =>
		emit("Unsqueeze", [start, axis]),
	);
	const [all, last, memory] = emitMany(
		op,
		[
			fed.sequence,
			initializer(stackedWeights(gates.map(({ input }) => input))),
			initializer(stackedWeights(gates.map(({ state }) => state))),
			initializer(stackedBiases(gates)),
			undefined,
			hidden,
			cells,
		],
		op === "LSTM" ? ["float32", "float32", "float32"] : ["float32", "float32"],
		{
			hidden_size: units,
			...functionAttrs(activations),
			...attrs,
		},
	);
	const ended = (value: OnnxValue, start: number) =>
		fed.ended(emit("Squeeze", [value, axis]), start);
	return context.node.outputs.map((_, i) => {
		if (i === found.hidden) return ended(last, 0);
		if (i === found.memory) return ended(memory, 1);
		if (found.stacked.includes(i))
			return fed.stacked(emit("Squeeze", [all, ints([1])]));
		return isPassed(context, i)
			? context.input(i)
			: roundCount(context, sequence, context.outputs[i].dtype);
	});
}

interface OnnxFunction {
	readonly name: string;
	readonly alphas: readonly number[];
	readonly betas: readonly number[];
}

/** What ONNX calls a function that has another name there, or parameters. */
const FUNCTIONS: { readonly [Name in Activation]?: OnnxFunction } = {
	Elu: { name: "Elu", alphas: [1], betas: [] },
	HardSigmoid: { name: "HardSigmoid", alphas: [1 / 6], betas: [0.5] },
	SteepHardSigmoid: { name: "HardSigmoid", alphas: [0.2], betas: [0.5] },
};

/** Parameters are listed for those functions alone that have some (onnxruntime/core/providers/cpu/rnn/rnn_helpers.cc). */
function functionAttrs(activations: readonly Activation[]): OnnxAttrs {
	const functions = activations.map(
		(name) => FUNCTIONS[name] ?? { name, alphas: [], betas: [] },
	);
	return {
		activations: { strings: functions.map(({ name }) => name) },
		activation_alpha: { floats: functions.flatMap(({ alphas }) => alphas) },
		activation_beta: { floats: functions.flatMap(({ betas }) => betas) },
	};
}

function spellingOf(cell: Cell): Spelling {
	const spell = SPELLINGS[cell.kind] as (cell: Cell) => Spelling;
	return spell(cell);
}

/** What a loop gives back as it got it; else it is the number of rounds. */
function isPassed({ bodyOf, node }: LowerContext, place: number): boolean {
	const body = bodyOf((node.attrs.body as { function: string }).function);
	return body.inputs[place].value === body.outputs[place].value;
}

/** How many rounds there are, -1 if that is not known. */
function roundsOf({ inputs }: LowerContext, found: Recurrence): number {
	const { rounds } = found;
	const rows = inputs[found.sequence].shape?.[0] ?? -1;
	return "known" in rounds ? Math.min(rounds.known, rows) : -1;
}

/** The rows of the sequence that the loop reads. */
function rowsOf(context: LowerContext, found: Recurrence): OnnxValue {
	const { node, input, inputs, emit, ints, cast } = context;
	const sequence = input(found.sequence);
	const { rounds } = found;
	if ("known" in rounds) {
		if (inputs[found.sequence].shape?.[0] === rounds.known) return sequence;
		return emit("Slice", [
			sequence,
			ints([0]),
			ints([rounds.known]),
			ints([0]),
		]);
	}
	const count = cast(input(node.inputs.indexOf(rounds.value)), "int64");
	const end = emit("Reshape", [count, ints([1])]);
	return emit("Slice", [sequence, ints([0]), end, ints([0])]);
}

function roundCount(
	{ emit, cast }: LowerContext,
	sequence: OnnxValue,
	dtype: DType,
): OnnxValue {
	const size = emit(
		"Shape",
		[sequence],
		{ start: 0, end: 1 },
		{ dtype: "int64" },
	);
	const count = emit("Squeeze", [size]);
	return cast(count, dtype);
}

/** [1, gates·units, columns] of matrices [columns, units]. */
function stackedWeights(matrices: readonly Tensor[]): Tensor {
	const [columns, units] = matrices[0].shape;
	const data = new Float32Array(matrices.length * units * columns);
	for (const [i, matrix] of matrices.entries())
		data.set(
			transpose(matrix, [1, 0]).data as Float32Array,
			i * units * columns,
		);
	return {
		dtype: "float32",
		shape: [1, matrices.length * units, columns],
		data,
	};
}

/** [1, 2·gates·units]: those of the input, then those of the state. */
function stackedBiases(gates: readonly Gate[]): Tensor {
	const all = [
		...gates.map(({ inputBias }) => inputBias),
		...gates.map(({ stateBias }) => stateBias),
	];
	const data = Float32Array.from(
		all.flatMap(({ data }) => Array.from(data as Float32Array)),
	);
	return { dtype: "float32", shape: [1, data.length], data };
}
