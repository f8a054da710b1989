import { fail } from "../../../errors.js";
import type { NumericArray } from "../../../tensor/dtype.js";
import { integersOf, longTensor } from "../../../tensor/integers.js";
import { showShape, type Tensor } from "../../../tensor/tensor.js";
import { numbersOf } from "../../elementwise.js";

/** Scores [time, batch, classes] of sequences of several lengths. */
export interface Sequences {
	readonly scores: NumericArray;
	readonly time: number;
	readonly batch: number;
	readonly classes: number;
	readonly lengths: ArrayLike<number>;
	/** Where the scores of a step of a sequence start. */
	start(t: number, row: number): number;
}

/** Fails with INVALID where the lengths are not those of the scores. */
export function sequencesOf(inputs: Tensor, lengthTensor: Tensor): Sequences {
	const [time, batch, classes] = inputs.shape;
	const lengths = integersOf(lengthTensor);
	if (inputs.shape.length !== 3 || lengths.length !== batch)
		throw fail(
			"INVALID",
			`cannot read sequences of shape ${showShape(inputs.shape)} with ${lengths.length} lengths: wanted [time,batch,classes] and one length each`,
		);
	for (let row = 0; row < batch; row++)
		if (!(lengths[row] >= 0 && lengths[row] <= time))
			throw fail(
				"INVALID",
				`cannot read sequence ${row} of ${batch}: its length is ${lengths[row]}, and there are ${time} steps`,
			);
	return {
		scores: numbersOf(inputs) as NumericArray,
		time,
		batch,
		classes,
		lengths,
		start: (t, row) => (t * batch + row) * classes,
	};
}

/** Sequences of labels, one an example, as a sparse tensor. */
export function decodedTensors(
	rows: readonly (readonly number[])[],
): readonly [Tensor, Tensor, Tensor] {
	const values = rows.flat();
	const indices = rows.flatMap((labels, row) =>
		labels.flatMap((_, at) => [row, at]),
	);
	const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
	return [
		longTensor([values.length, 2], indices),
		longTensor([values.length], values),
		longTensor([2], [rows.length, longest]),
	];
}
