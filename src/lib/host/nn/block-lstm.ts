import { boolAttr, floatAttr } from "../../graph/attrs.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { integersOf } from "../../tensor/integers.js";
import type { Tensor } from "../../tensor/tensor.js";
import { numbersOf, rounded } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";

/** Where the gates stand in the columns of the weights. */
interface GateOrder {
	readonly i: number;
	readonly ci: number;
	readonly f: number;
	readonly o: number;
}

/** `BlockLSTM` (kernels/rnn/lstm_ops.cc): a sequence of steps; beyond its longest all results are 0. */
export const blockLstm: HostKernel = (node, inputs) =>
	steps(
		inputs,
		{ i: 0, ci: 1, f: 2, o: 3 },
		{
			forgetBias: floatAttr(node, "forget_bias"),
			clip: floatAttr(node, "cell_clip"),
			hasPeepholes: boolAttr(node, "use_peephole"),
		},
	);

/** As `blockLstm`, with Keras' order of gates and no bias of its own for the forget gate. */
export const blockLstmV2: HostKernel = (node, inputs) =>
	steps(
		inputs,
		{ i: 0, f: 1, ci: 2, o: 3 },
		{
			forgetBias: 0,
			clip: floatAttr(node, "cell_clip"),
			hasPeepholes: boolAttr(node, "use_peephole"),
		},
	);

interface CellOptions {
	readonly forgetBias: number;
	/** The largest magnitude of a cell's state; none where it is not positive. */
	readonly clip: number;
	readonly hasPeepholes: boolean;
}

function steps(
	inputs: readonly Tensor[],
	order: GateOrder,
	options: CellOptions,
): readonly Tensor[] {
	const [longest, xTensor, csTensor, hTensor, ...rest] = inputs;
	const [weights, peepI, peepF, peepO, bias] = rest.map(
		(tensor) => numbersOf(tensor) as NumericArray,
	);
	const [time, batch, width] = xTensor.shape;
	const cells = csTensor.shape[1];
	const size = batch * cells;
	const outputs = Array.from(
		{ length: 7 },
		() => new Float64Array(time * size),
	);
	const [is, css, fs, os, cis, cos, hs] = outputs;
	const x = numbersOf(xTensor) as NumericArray;
	let before = numbersOf(csTensor) as NumericArray;
	let hidden = numbersOf(hTensor) as NumericArray;
	const end = Math.min(time, integersOf(longest)[0]);
	const gates = new Float64Array(4 * cells);
	for (let t = 0; t < end; t++) {
		for (let row = 0; row < batch; row++) {
			gates.set(bias);
			addRow(gates, x, (t * batch + row) * width, width, weights, 0);
			addRow(gates, hidden, row * cells, cells, weights, width);
			for (let cell = 0; cell < cells; cell++) {
				const at = t * size + row * cells + cell;
				const state = before[row * cells + cell];
				const peep = options.hasPeepholes ? state : 0;
				is[at] = sigmoid(gates[order.i * cells + cell] + peep * peepI[cell]);
				fs[at] = sigmoid(
					gates[order.f * cells + cell] +
						options.forgetBias +
						peep * peepF[cell],
				);
				cis[at] = Math.tanh(gates[order.ci * cells + cell]);
				css[at] = clipped(cis[at] * is[at] + state * fs[at], options.clip);
				const after = options.hasPeepholes ? css[at] * peepO[cell] : 0;
				os[at] = sigmoid(gates[order.o * cells + cell] + after);
				cos[at] = Math.tanh(css[at]);
				hs[at] = cos[at] * os[at];
			}
		}
		before = css.subarray(t * size, (t + 1) * size);
		hidden = hs.subarray(t * size, (t + 1) * size);
	}
	const { dtype } = xTensor;
	const shape = [time, batch, cells];
	return outputs.map((values) => ({
		dtype,
		shape,
		data: rounded(dtype, values),
	}));
}

/** Adds to `sums` the product of `count` numbers with as many rows of a matrix, from row `first` on. */
function addRow(
	sums: Float64Array,
	values: NumericArray,
	start: number,
	count: number,
	matrix: NumericArray,
	first: number,
): void {
	const columns = sums.length;
	for (let k = 0; k < count; k++) {
		const value = values[start + k];
		let at = (first + k) * columns;
		for (let j = 0; j < columns; j++) sums[j] += value * matrix[at++];
	}
}

function sigmoid(x: number): number {
	return 1 / (1 + Math.exp(-x));
}

function clipped(value: number, limit: number): number {
	return limit > 0 ? Math.max(-limit, Math.min(limit, value)) : value;
}
