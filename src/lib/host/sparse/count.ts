import { fail } from "../../errors.js";
import { boolAttr, intAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { DTYPES, type DType, type TypedArray } from "../../tensor/dtype.js";
import { integerData, integersOf, longTensor } from "../../tensor/integers.js";
import { elementCount, showShape, type Tensor } from "../../tensor/tensor.js";
import { rounded } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";
import { rowsOfSplits, splitsOf } from "../ragged/partition.js";
import { placesOf, sparseOf } from "./coordinates.js";

/** Numbers to be counted, each in a row. */
interface Counted {
	readonly numbers: ArrayLike<number>;
	/** The row of each number; all are in one if there are no rows. */
	readonly rows: ArrayLike<number> | undefined;
	readonly rowCount: number;
}

/** `DenseCountSparseOutput` (kernels/count_ops.cc): a vector is one row. */
export const denseCount: HostKernel = (node, [values, weights]) => {
	const rank = values.shape.length;
	if (rank !== 1 && rank !== 2)
		throw fail(
			"INVALID",
			`cannot count in a tensor of shape ${showShape(values.shape)}: wanted a vector or a matrix`,
		);
	return sparseCounts(node, denseRows(values), weights);
};

export const sparseCount: HostKernel = (
	node,
	[indices, values, shape, weights],
) => sparseCounts(node, sparseRows(indices, values, shape), weights);

export const raggedCount: HostKernel = (node, [splits, values, weights]) =>
	sparseCounts(node, raggedRows(splits, values), weights);

/** `SparseBincount` (kernels/bincount_op.cc). */
export const sparseBincount: HostKernel = (
	node,
	[indices, values, shape, size, weights],
) => bins(node, sparseRows(indices, values, shape), size, weights);

export const raggedBincount: HostKernel = (
	node,
	[splits, values, size, weights],
) => bins(node, raggedRows(splits, values), size, weights);

function denseRows(values: Tensor): Counted {
	const numbers = integersOf(values);
	const [rowCount, width] = values.shape;
	if (values.shape.length === 1)
		return { numbers, rows: undefined, rowCount: 1 };
	const rows = Int32Array.from(numbers, (_, i) => Math.floor(i / width));
	return { numbers, rows, rowCount };
}

function sparseRows(indices: Tensor, values: Tensor, shape: Tensor): Counted {
	const sparse = sparseOf(indices, values, shape);
	placesOf(sparse);
	const numbers = integersOf(values);
	if (sparse.rank === 1) return { numbers, rows: undefined, rowCount: 1 };
	if (sparse.rank !== 2)
		throw fail(
			"INVALID",
			`cannot count in a sparse tensor of shape ${showShape(sparse.shape)}: wanted one axis or two`,
		);
	return { numbers, rows: placesOf(sparse, [0]), rowCount: sparse.shape[0] };
}

function raggedRows(splits: Tensor, values: Tensor): Counted {
	const list = splitsOf(splits, values.shape[0]);
	return {
		numbers: integersOf(values),
		rows: rowsOfSplits(list),
		rowCount: list.length - 1,
	};
}

/** What each number counts: 1, unless there are weights. */
function weightsOf(
	weights: Tensor,
	count: number,
): ArrayLike<number> | undefined {
	const given = elementCount(weights.shape);
	if (given === 0) return undefined;
	if (given !== count)
		throw fail("INVALID", `cannot weigh ${count} numbers by ${given} weights`);
	return DTYPES[weights.dtype].kind === "bigint"
		? integersOf(weights)
		: (weights.data as ArrayLike<number>);
}

function bins(
	node: Node,
	{ numbers, rows, rowCount }: Counted,
	sizeTensor: Tensor,
	weightTensor: Tensor,
): readonly Tensor[] {
	const [size] = integersOf(sizeTensor);
	const shape = rows === undefined ? [size] : [rowCount, size];
	const totals = new Float64Array(elementCount(shape));
	const weights = weightsOf(weightTensor, numbers.length);
	const isBinary = boolAttr(node, "binary_output");
	for (let i = 0; i < numbers.length; i++) {
		const number = numbers[i];
		if (number < 0)
			throw fail("INVALID", `cannot count number ${i}: it is ${number}`);
		if (number >= size) continue;
		const at = (rows?.[i] ?? 0) * size + number;
		totals[at] = isBinary ? 1 : totals[at] + (weights?.[i] ?? 1);
	}
	const { dtype } = weightTensor;
	return [{ dtype, shape, data: counts(dtype, totals) }];
}

/** Which numbers occur in each row, and how often. */
function sparseCounts(
	node: Node,
	{ numbers, rows, rowCount }: Counted,
	weightTensor: Tensor,
): readonly Tensor[] {
	const [shortest, longest] = ["minlength", "maxlength"].map((name) =>
		intAttr(node, name),
	);
	const weights = weightsOf(weightTensor, numbers.length);
	const isBinary = boolAttr(node, "binary_output");
	const perRow = Array.from(
		{ length: rowCount },
		() => new Map<number, number>(),
	);
	let highest = 0;
	for (let i = 0; i < numbers.length; i++) {
		const number = numbers[i];
		if (number < 0)
			throw fail("INVALID", `cannot count number ${i}: it is ${number}`);
		if (longest >= 0 && number >= longest) continue;
		const row = perRow[rows?.[i] ?? 0];
		row.set(
			number,
			isBinary ? 1 : (row.get(number) ?? 0) + (weights?.[i] ?? 1),
		);
		highest = Math.max(highest, number);
	}
	const size = longest >= 0 ? longest : Math.max(highest + 1, shortest);
	const found = perRow.flatMap((row, place) =>
		[...row]
			.sort(([a], [b]) => a - b)
			.map(([number, total]) => ({
				index: rows === undefined ? [number] : [place, number],
				total,
			})),
	);
	const shape = rows === undefined ? [size] : [rowCount, size];
	const { dtype } = weightTensor;
	const totals = Float64Array.from(found, ({ total }) => total);
	return [
		longTensor(
			[found.length, shape.length],
			found.flatMap(({ index }) => index),
		),
		{ dtype, shape: [found.length], data: counts(dtype, totals) },
		longTensor([shape.length], shape),
	];
}

function counts(dtype: DType, totals: Float64Array): TypedArray {
	return DTYPES[dtype].kind === "float"
		? rounded(dtype, totals)
		: integerData(dtype, totals);
}
