import { tensorsOf } from "../call.js";
import type { Flow, HeldLayer, LayerEntry, LayerScope } from "../entry.js";
import { rankOf, transposed } from "../graph/shape.js";
import type { Layer } from "../model.js";
import { flag, unsupported } from "../settings.js";
import { cellOf, cellsOf } from "./recurrent/cells.js";
import { cudnnLayers } from "./recurrent/cudnn.js";
import { recurrent, zeroState } from "./recurrent/loop.js";

/** LSTM, GRU and SimpleRNN say in their own configuration what their cell is. */
const ownCell: LayerEntry = {
	mask: "made",
	weights: (layer) =>
		cellOf(layer)
			.weights(layer)
			.map((weight, i) => ({ ...weight, path: `cell/vars/${i}` })),
	emit: (scope) => emitRecurrent(scope, scope.layer, scope),
};

const anyCell: LayerEntry = {
	mask: "made",
	holds: (layer) => [{ path: "cell", layer: heldCell(layer) }],
	emit: (scope) => {
		const cell = heldCell(scope.layer);
		return emitRecurrent(scope, cell, scope.inside(cell, []));
	},
};

/** A cell as a layer in a stack or a recurrent layer: only its weights are looked at. */
const cellEntry: LayerEntry = {
	mask: "ends",
	weights: (layer) => cellOf(layer).weights(layer),
	holds: (layer) => {
		const used = new Map<string, number>();
		return cellsOf(layer).map((cell): HeldLayer => {
			const name = cell.className.replace(/([a-z])([A-Z])/g, "$1_$2");
			const plain = SNAKE[cell.className] ?? name.toLowerCase();
			const count = used.get(plain) ?? 0;
			used.set(plain, count + 1);
			return {
				path: `cells/${count === 0 ? plain : `${plain}_${count}`}`,
				layer: cell,
			};
		});
	},
	emit: ({ layer }) => {
		throw unsupported(layer, "a cell is called by itself");
	},
};

const SNAKE: Readonly<Record<string, string>> = {
	LSTMCell: "lstm_cell",
	GRUCell: "gru_cell",
	SimpleRNNCell: "simple_rnn_cell",
	StackedRNNCells: "stacked_rnn_cells",
};

function heldCell(layer: Layer): Layer {
	const cell = layer.children.cell?.[0];
	if (cell === undefined) throw unsupported(layer, "it holds no cell");
	return cell;
}

/** The layer is the recurrent one; the scope is that of whoever has the cell's weights. */
function emitRecurrent(
	scope: LayerScope,
	cellLayer: Layer,
	cellScope: LayerScope,
): readonly Flow[] {
	const { layer, graph, inputs } = scope;
	if (flag(layer, "stateful", false))
		throw unsupported(
			layer,
			"it is stateful: its answers depend on the requests before",
		);
	const [x, ...listed] = inputs;
	const isTimeMajor = flag(layer, "time_major", false);
	const swapped = (value: Flow) => timeSwapped(graph, value);
	const forth = isTimeMajor ? x : swapped(x);
	const goesBack = flag(layer, "go_backwards", false);
	const turned = (value: Flow) =>
		goesBack ? graph.op("ReverseV2", [value, graph.ints([0])]) : value;
	const sequence = turned(forth);
	const mask = x.mask;
	const timedMask =
		mask === undefined ? undefined : turned(isTimeMajor ? mask : swapped(mask));
	const cell = cellOf(cellLayer);
	const row = { ...sequence, shape: sequence.shape?.slice(1) };
	const given = scope.call.kwargs.initial_state;
	const initial = [
		...listed,
		...(given === undefined ? [] : tensorsOf(given)),
	].map((state) => graph.cast(state, sequence.dtype));
	const shapes = cell.states(cellLayer, row);
	if (initial.length !== 0 && initial.length !== shapes.length)
		throw unsupported(
			layer,
			`it is called with ${initial.length} states, it has ${shapes.length}`,
		);
	const wantsAll = flag(layer, "return_sequences", false);
	const result = recurrent(graph, {
		sequence,
		mask: timedMask,
		states: shapes.map(
			(shape, i) => initial[i] ?? zeroState(graph, sequence, shape),
		),
		constants: cell.constants(cellScope, row),
		step: (body, item, states, constants) =>
			cell.step(body, cellLayer, { row: item, states, constants }),
		output: cell.output(cellLayer),
		zeroWhereMasked: flag(layer, "zero_output_for_mask", false),
		all: wantsAll,
	});
	const all = result.outputs;
	const output =
		all === undefined ? result.last : isTimeMajor ? all : swapped(all);
	const states = flag(layer, "return_state", false) ? result.states : [];
	const shown = wantsAll && mask !== undefined ? { ...output, mask } : output;
	return [shown, ...states];
}

/** [batch, time, …] is [time, batch, …]. */
export function timeSwapped(graph: LayerScope["graph"], value: Flow): Flow {
	const rank = rankOf(value);
	const rest = Array.from({ length: rank - 2 }, (_, i) => i + 2);
	return transposed(graph, value, [1, 0, ...rest]);
}

export const RECURRENT_LAYERS: Readonly<Record<string, LayerEntry>> = {
	...cudnnLayers((scope) => emitRecurrent(scope, scope.layer, scope)),
	LSTM: ownCell,
	GRU: ownCell,
	SimpleRNN: ownCell,
	ConvLSTM1D: ownCell,
	ConvLSTM2D: ownCell,
	ConvLSTM3D: ownCell,
	RNN: anyCell,
	LSTMCell: cellEntry,
	GRUCell: cellEntry,
	SimpleRNNCell: cellEntry,
	StackedRNNCells: cellEntry,
};
