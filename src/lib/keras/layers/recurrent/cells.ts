import { fail } from "../../../errors.js";
import { activated } from "../../activations.js";
import type { WeightName } from "../../entry.js";
import type { GraphBuilder, Value } from "../../graph/builder.js";
import { lengthOf, sliced } from "../../graph/shape.js";
import type { Layer } from "../../model.js";
import { flag, integer } from "../../settings.js";
import { rowsOf } from "../kernels.js";
import type { Cell } from "./cell.js";
import { convolutionalCell } from "./convolutional.js";

function weightNames(layer: Layer): WeightName[] {
	return [
		{ name: "kernel" },
		{ name: "recurrent_kernel" },
		...(flag(layer, "use_bias", true) ? [{ name: "bias" }] : []),
	];
}

function gate(body: GraphBuilder, layer: Layer, x: Value): Value {
	return activated(layer, body, x, layer.config.recurrent_activation);
}

/** keras layers/rnn/lstm.py: gates in the order input, forget, cell, output. */
const lstm: Cell = {
	weights: weightNames,
	states: (layer) => {
		const units = integer(layer, "units");
		return [[units], [units]];
	},
	output: () => 0,
	constants: (scope, row) => plainConstants(scope, row, 4),
	step: (body, layer, { row, states: [hidden, memory], constants }) => {
		const sum = summed(body, row, hidden, constants);
		const [i, f, c, o] = split(body, sum, 4);
		const kept = body.op("Mul", [gate(body, layer, f), memory]);
		const added = body.op("Mul", [
			gate(body, layer, i),
			activated(layer, body, c),
		]);
		const next = body.op("AddV2", [kept, added]);
		return [
			body.op("Mul", [gate(body, layer, o), activated(layer, body, next)]),
			next,
		];
	},
};

/** keras layers/rnn/simple_rnn.py */
const simple: Cell = {
	weights: weightNames,
	states: (layer) => [[integer(layer, "units")]],
	output: () => 0,
	constants: (scope, row) => plainConstants(scope, row, 1),
	step: (body, layer, { row, states: [hidden], constants }) => {
		const [kernel, recurrent, bias] = constants;
		const product = body.op("MatMul", [row, kernel]);
		const given =
			bias === undefined ? product : body.op("BiasAdd", [product, bias]);
		const sum = body.op("AddV2", [
			given,
			body.op("MatMul", [hidden, recurrent]),
		]);
		return [activated(layer, body, sum)];
	},
};

/** keras layers/rnn/gru.py: gates in the order update, reset, candidate. */
const gru: Cell = {
	weights: weightNames,
	states: (layer) => [[integer(layer, "units")]],
	output: () => 0,
	constants: (scope, row) => {
		const { layer } = scope;
		const units = integer(layer, "units");
		const kernels = [
			scope.weight("kernel", [lengthOf(row, -1), 3 * units]),
			scope.weight("recurrent_kernel", [units, 3 * units]),
		];
		if (!flag(layer, "use_bias", true)) return kernels;
		if (!resetsAfter(layer))
			return [...kernels, scope.weight("bias", [3 * units])];
		const both = scope.stored("bias", [2, 3 * units]);
		return [
			...kernels,
			scope.written(rowsOf(both, 0), "input_bias"),
			scope.written(rowsOf(both, 1), "recurrent_bias"),
		];
	},
	step: (body, layer, { row, states: [hidden], constants }) => {
		const [kernel, recurrent, bias, recurrentBias] = constants;
		const given = plus(body, body.op("MatMul", [row, kernel]), bias);
		const [xz, xr, xh] = split(body, given, 3);
		const [z, candidate] = resetsAfter(layer)
			? resetAfter(body, layer, {
					parts: [xz, xr, xh],
					inner: plus(
						body,
						body.op("MatMul", [hidden, recurrent]),
						recurrentBias,
					),
				})
			: resetBefore(body, layer, { parts: [xz, xr, xh], hidden, recurrent });
		const one = body.scalar(z.dtype, 1);
		return [
			body.op("AddV2", [
				body.op("Mul", [z, hidden]),
				body.op("Mul", [body.op("Sub", [one, z]), candidate]),
			]),
		];
	},
};

/** Keras 2.0 had only the other form. */
function resetsAfter(layer: Layer): boolean {
	return flag(layer, "reset_after", false);
}

type Parts = readonly [Value, Value, Value];

function resetAfter(
	body: GraphBuilder,
	layer: Layer,
	{ parts: [xz, xr, xh], inner }: { parts: Parts; inner: Value },
): readonly [Value, Value] {
	const [rz, rr, rh] = split(body, inner, 3);
	const z = gate(body, layer, body.op("AddV2", [xz, rz]));
	const r = gate(body, layer, body.op("AddV2", [xr, rr]));
	const sum = body.op("AddV2", [xh, body.op("Mul", [r, rh])]);
	return [z, activated(layer, body, sum)];
}

function resetBefore(
	body: GraphBuilder,
	layer: Layer,
	{
		parts: [xz, xr, xh],
		hidden,
		recurrent,
	}: { parts: Parts; hidden: Value; recurrent: Value },
): readonly [Value, Value] {
	const units = integer(layer, "units");
	const gates = sliced(body, recurrent, 1, [0, 2 * units]);
	const [rz, rr] = split(body, body.op("MatMul", [hidden, gates]), 2);
	const z = gate(body, layer, body.op("AddV2", [xz, rz]));
	const r = gate(body, layer, body.op("AddV2", [xr, rr]));
	const rest = sliced(body, recurrent, 1, [2 * units, undefined]);
	const inner = body.op("MatMul", [body.op("Mul", [r, hidden]), rest]);
	return [z, activated(layer, body, body.op("AddV2", [xh, inner]))];
}

function plainConstants(
	scope: Parameters<Cell["constants"]>[0],
	row: Value,
	gates: number,
): readonly Value[] {
	const units = integer(scope.layer, "units");
	return [
		scope.weight("kernel", [lengthOf(row, -1), gates * units]),
		scope.weight("recurrent_kernel", [units, gates * units]),
		...(flag(scope.layer, "use_bias", true)
			? [scope.weight("bias", [gates * units])]
			: []),
	];
}

function summed(
	body: GraphBuilder,
	row: Value,
	hidden: Value,
	[kernel, recurrent, bias]: readonly Value[],
): Value {
	const sum = body.op("AddV2", [
		body.op("MatMul", [row, kernel]),
		body.op("MatMul", [hidden, recurrent]),
	]);
	return plus(body, sum, bias);
}

function plus(body: GraphBuilder, x: Value, bias: Value | undefined): Value {
	return bias === undefined ? x : body.op("BiasAdd", [x, bias]);
}

function split(body: GraphBuilder, x: Value, parts: number): readonly Value[] {
	return body.many("Split", [body.scalar("int32", 1), x], { num_split: parts });
}

/** Cells one upon the other: each takes what the one before gives (keras layers/rnn/stacked_rnn_cells.py). */
const stacked: Cell = {
	weights: () => [],
	states: (layer, row) =>
		cellsOf(layer).flatMap((cell) => cellOf(cell).states(cell, row)),
	output: (layer) => {
		const cells = cellsOf(layer);
		const last = cells[cells.length - 1];
		const before = cells
			.slice(0, -1)
			.reduce((sum, cell) => sum + stateCount(cell), 0);
		return before + cellOf(last).output(last);
	},
	constants: (scope, row) => {
		let current = row;
		return cellsOf(scope.layer).flatMap((cell) => {
			const kind = cellOf(cell);
			const constants = kind.constants(scope.inside(cell, []), current);
			const states = kind.states(cell, current);
			current = { ...current, shape: [-1, ...states[kind.output(cell)]] };
			return constants;
		});
	},
	step: (body, layer, { row, states, constants }) => {
		let current = row;
		let state = 0;
		let constant = 0;
		return cellsOf(layer).flatMap((cell) => {
			const kind = cellOf(cell);
			const count = stateCount(cell);
			const own = constantCount(cell);
			const next = kind.step(body, cell, {
				row: current,
				states: states.slice(state, state + count),
				constants: constants.slice(constant, constant + own),
			});
			state += count;
			constant += own;
			current = next[kind.output(cell)];
			return next;
		});
	},
};

export function cellsOf(layer: Layer): readonly Layer[] {
	return layer.children.cells ?? [];
}

/** THE table of cells; a recurrent layer of Keras is its own cell. */
const CELLS: Readonly<Record<string, Cell>> = {
	LSTMCell: lstm,
	LSTM: lstm,
	GRUCell: gru,
	GRU: gru,
	SimpleRNNCell: simple,
	SimpleRNN: simple,
	StackedRNNCells: stacked,
	ConvLSTM1D: convolutionalCell(1),
	ConvLSTM2D: convolutionalCell(2),
	ConvLSTM3D: convolutionalCell(3),
};

/** Fails with UNSUPPORTED for a cell that somebody wrote. */
export function cellOf(layer: Layer): Cell {
	const { className, name } = layer;
	if (Object.hasOwn(CELLS, className)) return CELLS[className];
	throw fail(
		"UNSUPPORTED",
		`cannot export cell "${name}" (${className}): it is none of Keras's, and its code is not in the file`,
		{ at: { layer: name, class: className } },
	);
}

function stateCount(cell: Layer): number {
	if (cellsOf(cell).length > 0)
		return cellsOf(cell).reduce((sum, inner) => sum + stateCount(inner), 0);
	return cell.className.startsWith("LSTM") ? 2 : 1;
}

/** As `constants` makes them. */
function constantCount(cell: Layer): number {
	if (cellsOf(cell).length > 0)
		return cellsOf(cell).reduce((sum, inner) => sum + constantCount(inner), 0);
	if (!flag(cell, "use_bias", true)) return 2;
	return cell.className.startsWith("GRU") && resetsAfter(cell) ? 4 : 3;
}
