import { fail } from "../../../errors.js";
import { boolAttr } from "../../../graph/attrs.js";
import { integersOf } from "../../../tensor/integers.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { rounded } from "../../elementwise.js";
import type { HostKernel } from "../../kernel.js";
import { type Sequences, sequencesOf } from "./decoded.js";
import { logSum, logSumOf } from "./log-sum.js";

/** `CTCLoss` (util/ctc/ctc_loss_calculator.h), and its gradient by the scores; the last class is the blank. */
export const ctcLoss: HostKernel = (node, inputs) => {
	const [scores, indices, values, lengths] = inputs;
	const sequences = sequencesOf(scores, lengths);
	const { batch } = sequences;
	const labels = labelRows(sequences, indices, values);
	const isMerged = boolAttr(node, "ctc_merge_repeated");
	const mayBeLonger = boolAttr(node, "ignore_longer_outputs_than_inputs");
	const losses = new Float64Array(batch);
	const gradient = new Float64Array(sequences.scores.length);
	for (let row = 0; row < batch; row++) {
		const sequence = boolAttr(node, "preprocess_collapse_repeated")
			? labels[row].filter((label, i, list) => label !== list[i - 1])
			: labels[row];
		const time = sequences.lengths[row];
		// as TensorFlow counts them: before repetitions are left out, and without the blanks that those need
		const wanted = labels[row].length;
		if (wanted > time && mayBeLonger) continue;
		if (wanted > time || wanted === 0)
			throw fail(
				"INVALID",
				`cannot align sequence ${row} of ${batch}: it has ${time} steps and ${wanted} labels`,
			);
		losses[row] = alignment(sequences, row, sequence, isMerged, gradient);
	}
	const { dtype } = scores;
	return [
		{ dtype, shape: [batch], data: rounded(dtype, losses) },
		{ dtype, shape: scores.shape, data: rounded(dtype, gradient) },
	];
};

/** The labels of each example. Fails with INVALID for a class that is not there. */
function labelRows(
	{ batch, classes }: Sequences,
	indices: Tensor,
	values: Tensor,
): number[][] {
	const rows = Array.from({ length: batch }, (): number[] => []);
	const places = integersOf(indices);
	const labels = integersOf(values);
	for (let i = 0; i < labels.length; i++) {
		const row = rows[places[2 * i]];
		if (row === undefined || !(labels[i] >= 0 && labels[i] < classes - 1))
			throw fail(
				"INVALID",
				`cannot use label ${i}, class ${labels[i]} of example ${places[2 * i]}: there are ${batch} examples and ${classes} classes, the last of them the blank`,
			);
		row.push(labels[i]);
	}
	return rows;
}

/** Forward and backward variables (Graves, eq. 7.5 to 7.15). Adds to the gradient and returns the loss. */
function alignment(
	{ scores, lengths, classes, start }: Sequences,
	row: number,
	labels: readonly number[],
	isMerged: boolean,
	gradient: Float64Array,
): number {
	const time = lengths[row];
	const blank = classes - 1;
	const spaced = [blank, ...labels.flatMap((label) => [label, blank])];
	const size = spaced.length;
	const norms = Float64Array.from({ length: time }, (_, t) =>
		logSumOf(scores, start(t, row), classes),
	);
	const chance = (t: number, u: number) =>
		scores[start(t, row) + spaced[u]] - norms[t];
	const stays = spaced.map((label) => isMerged || label === blank);
	const skips = spaced.map(
		(label, u) =>
			u > 1 && label !== blank && !(isMerged && label === spaced[u - 2]),
	);
	const forward = new Float64Array(time * size).fill(-Infinity);
	const backward = new Float64Array(time * size).fill(-Infinity);
	for (let u = 0; u < Math.min(2, size); u++) {
		forward[u] = chance(0, u);
		backward[time * size - 1 - u] = 0;
	}
	for (let t = 1; t < time; t++)
		for (let u = 0; u < size; u++) {
			const at = (t - 1) * size + u;
			let sum = stays[u] ? forward[at] : -Infinity;
			if (u > 0) sum = logSum(sum, forward[at - 1]);
			if (skips[u]) sum = logSum(sum, forward[at - 2]);
			forward[at + size] = sum + chance(t, u);
		}
	for (let t = time - 2; t >= 0; t--)
		for (let u = 0; u < size; u++) {
			const at = (t + 1) * size + u;
			const after = (v: number) => backward[at - u + v] + chance(t + 1, v);
			let sum = stays[u] ? after(u) : -Infinity;
			if (u + 1 < size) sum = logSum(sum, after(u + 1));
			if (skips[u + 2] === true) sum = logSum(sum, after(u + 2));
			backward[at - size] = sum;
		}
	let total = -Infinity;
	for (let u = 0; u < size; u++)
		total = logSum(total, forward[u] + backward[u]);
	const shares = new Float64Array(classes);
	for (let t = 0; t < time; t++) {
		shares.fill(-Infinity);
		for (let u = 0; u < size; u++)
			shares[spaced[u]] = logSum(
				shares[spaced[u]],
				forward[t * size + u] + backward[t * size + u],
			);
		const at = start(t, row);
		for (let k = 0; k < classes; k++)
			gradient[at + k] =
				Math.exp(scores[at + k] - norms[t]) -
				(total === -Infinity ? 0 : Math.exp(shares[k] - total));
	}
	return -total;
}
