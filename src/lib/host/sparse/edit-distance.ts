import { fail } from "../../errors.js";
import { boolAttr } from "../../graph/attrs.js";
import { DTYPES, type TypedArray } from "../../tensor/dtype.js";
import { elementCount, showShape, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { placesOf, sparseOf } from "./coordinates.js";

/**
 * `EditDistance` (kernels/edit_distance_op.cc): how many insertions, deletions and replacements turn each row of values
 * into the row of truth; divided by the truth's length if so asked, infinite where there is none.
 */
export const editDistance: HostKernel = (node, inputs) => {
	const [a, b] = [sparseOf3(inputs), sparseOf3(inputs.slice(3))];
	if (a.shape.length !== b.shape.length)
		throw fail(
			"INVALID",
			`cannot measure between shapes ${showShape(a.shape)} and ${showShape(b.shape)}`,
		);
	const shape = a.shape
		.slice(0, -1)
		.map((size, axis) => Math.max(size, b.shape[axis]));
	const results = new Float32Array(elementCount(shape));
	const [rowsA, rowsB] = [sequencesOf(a, shape), sequencesOf(b, shape)];
	const normalize = boolAttr(node, "normalize");
	for (const place of new Set([...rowsA.keys(), ...rowsB.keys()])) {
		const truth = rowsB.get(place) ?? [];
		const distance = levenshtein(rowsA.get(place) ?? [], truth);
		results[place] = normalize ? distance / truth.length : distance;
	}
	return [{ dtype: "float32", shape, data: results }];
};

function sparseOf3([indices, values, shape]: readonly Tensor[]) {
	const sparse = sparseOf(indices, values, shape);
	placesOf(sparse);
	return sparse;
}

/** A value by which equal ones are known. */
type Key = string | number | bigint;

/** The values of each row, by the row's place in a tensor of the given shape. */
function sequencesOf(
	sparse: ReturnType<typeof sparseOf>,
	shape: readonly number[],
): Map<number, Key[]> {
	const places = placesOf(
		{ ...sparse, shape: [...shape, 1] },
		shape.map((_, axis) => axis),
	);
	const { dtype, data } = sparse.values;
	const keys: ArrayLike<Key> =
		DTYPES[dtype].kind === "string"
			? (data as readonly Uint8Array[]).map((bytes) =>
					Buffer.from(bytes).toString("latin1"),
				)
			: (data as TypedArray);
	const rows = new Map<number, Key[]>();
	for (let i = 0; i < places.length; i++) {
		const row = rows.get(places[i]);
		if (row === undefined) rows.set(places[i], [keys[i]]);
		else row.push(keys[i]);
	}
	return rows;
}

/** Two rows of the table of Wagner and Fischer. */
function levenshtein(a: readonly Key[], b: readonly Key[]): number {
	let before = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
	let row = new Uint32Array(b.length + 1);
	for (let i = 0; i < a.length; i++) {
		row[0] = i + 1;
		for (let j = 0; j < b.length; j++)
			row[j + 1] = Math.min(
				row[j] + 1,
				before[j + 1] + 1,
				before[j] + Number(a[i] !== b[j]),
			);
		[before, row] = [row, before];
	}
	return before[b.length];
}
