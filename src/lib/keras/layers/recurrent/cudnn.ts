import type { Constant } from "../../../tensor/constant.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { LayerEntry, LayerScope } from "../../entry.js";
import { lengthOf } from "../../graph/shape.js";
import type { Layer } from "../../model.js";
import { integer } from "../../settings.js";

/** What the layer is as one of Keras's own. */
interface Plain {
	readonly className: string;
	readonly gates: number;
	readonly config: Readonly<Record<string, boolean | string>>;
	readonly bias: (stored: Constant, units: number) => Constant;
}

const LSTM: Plain = {
	className: "LSTM",
	gates: 4,
	config: { activation: "tanh", recurrent_activation: "sigmoid" },
	// both biases are added
	bias: (stored, units) =>
		changed(stored, [4 * units], (data) => {
			const half = data.length / 2;
			return data.slice(0, half).map((value, i) => value + data[half + i]);
		}),
};

const GRU: Plain = {
	className: "GRU",
	gates: 3,
	config: {
		activation: "tanh",
		recurrent_activation: "sigmoid",
		reset_after: true,
	},
	bias: (stored, units) => changed(stored, [2, 3 * units], (data) => data),
};

/**
 * Layers of Keras 2 for NVIDIA's library, by the layers that they are: their kernels lie turned round (keras 2
 * saving/legacy/hdf5_format.py, _convert_rnn_weights).
 */
function cudnn(plain: Plain, emit: EmitPlain): LayerEntry {
	return {
		mask: "made",
		weights: () =>
			["kernel", "recurrent_kernel", "bias"].map((name) => ({ name })),
		emit: (scope) => {
			const { layer } = scope;
			const units = integer(layer, "units");
			const from = lengthOf(scope.inputs[0], -1);
			const width = plain.gates * units;
			const constants: Readonly<Record<string, Constant>> = {
				kernel: gatesTurned(scope.stored("kernel", [from, width]), plain.gates),
				recurrent_kernel: gatesTransposed(
					scope.stored("recurrent_kernel", [units, width]),
					plain.gates,
				),
				bias: plain.bias(scope.stored("bias", [2 * width]), units),
			};
			const shown: Layer = {
				...layer,
				className: plain.className,
				config: { ...layer.config, ...plain.config, use_bias: true },
			};
			const inner: LayerScope = {
				...scope,
				layer: shown,
				stored: (name) => constants[name],
				weight: (name) => scope.written(constants[name], name),
			};
			return emit(inner);
		},
	};
}

type EmitPlain = (scope: LayerScope) => ReturnType<LayerEntry["emit"]>;

/** The elements of each gate's kernel in their order, written column by column. */
function gatesTurned(kernel: Constant, gates: number): Constant {
	return eachGate(kernel, gates, (row, column, rows, columns) => {
		const at = column * rows + row;
		return [Math.floor(at / columns), at % columns];
	});
}

function gatesTransposed(kernel: Constant, gates: number): Constant {
	return eachGate(kernel, gates, (row, column) => [column, row]);
}

function eachGate(
	kernel: Constant,
	gates: number,
	source: (
		row: number,
		column: number,
		rows: number,
		columns: number,
	) => readonly [number, number],
): Constant {
	const [rows, width] = kernel.shape;
	const columns = width / gates;
	return changed(kernel, kernel.shape, (data) =>
		data.map((_, i) => {
			const row = Math.floor(i / width);
			const gate = Math.floor((i % width) / columns);
			const [from, at] = source(row, i % columns, rows, columns);
			return data[from * width + gate * columns + at];
		}),
	);
}

function changed(
	constant: Constant,
	shape: readonly number[],
	change: (data: Float32Array) => Float32Array,
): Constant {
	const count = shape.reduce((product, length) => product * length, 1);
	return {
		...constant,
		shape,
		byteLength: count * 4,
		read: (reserve): Tensor => {
			const { dtype, data } = constant.read(reserve);
			return { dtype, shape, data: change(data as Float32Array) };
		},
	};
}

/** By the entry that computes LSTM and GRU. */
export function cudnnLayers(
	emit: EmitPlain,
): Readonly<Record<string, LayerEntry>> {
	return { CuDNNLSTM: cudnn(LSTM, emit), CuDNNGRU: cudnn(GRU, emit) };
}
