import { fail } from "../../errors.js";
import { dtypeAttr } from "../../graph/attrs.js";
import { DTYPES, type NumericArray } from "../../tensor/dtype.js";
import { integerData } from "../../tensor/integers.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";

/** `RaggedRange` (kernels/ragged_range_op.cc): one range a row; a scalar start, limit or step serves all rows. */
export const raggedRange: HostKernel = (node, inputs) => {
	const rows = rowCount(inputs);
	const { dtype } = inputs[0];
	const isBig = DTYPES[dtype].kind === "bigint";
	const [starts, limits, deltas] = inputs.map((input) => {
		const data = input.data as NumericArray;
		const every = input.shape.length === 0 ? 0 : 1;
		return (row: number) => data[row * every];
	});
	const length = isBig ? (bigLength as unknown as Length) : numberLength;
	const splits = new Float64Array(rows + 1);
	for (let row = 0; row < rows; row++) {
		if (Number(deltas(row)) === 0)
			throw fail("INVALID", `cannot make range ${row}: its step is 0`);
		splits[row + 1] =
			splits[row] + length(starts(row), limits(row), deltas(row));
	}
	const count = elementCount([splits[rows]]);
	const data = allocate(dtype, count) as NumericArray;
	for (let row = 0; row < rows; row++)
		walk(data, splits[row], splits[row + 1], starts(row), deltas(row));
	const splitType = dtypeAttr(node, "Tsplits");
	return [
		{
			dtype: splitType,
			shape: [rows + 1],
			data: integerData(splitType, splits),
		},
		{ dtype, shape: [count], data },
	];
};

function rowCount(inputs: readonly Tensor[]): number {
	const sizes = inputs
		.filter(({ shape }) => shape.length > 0)
		.map(({ shape }) => shape[0]);
	if (inputs.some(({ shape }) => shape.length > 1) || new Set(sizes).size > 1)
		throw fail(
			"INVALID",
			`cannot make ranges of shapes ${inputs.map(({ shape }) => `[${shape}]`).join(", ")}: wanted scalars and vectors of one length`,
		);
	return sizes[0] ?? 1;
}

/** How many values there are from `start` on before `limit`, of numbers or of bigints. */
type Length = (start: number, limit: number, delta: number) => number;

const numberLength: Length = (start, limit, delta) =>
	(delta > 0 ? start >= limit : start <= limit)
		? 0
		: Math.ceil(Math.abs((limit - start) / delta));

function bigLength(start: bigint, limit: bigint, delta: bigint): number {
	const [distance, stride] =
		delta > 0n ? [limit - start, delta] : [start - limit, -delta];
	return distance <= 0n ? 0 : Number((distance + stride - 1n) / stride);
}

function walk(
	data: NumericArray,
	from: number,
	to: number,
	start: number,
	delta: number,
): void {
	if (from === to) return;
	data[from] = start;
	// what is read back has been rounded to the element type, as TensorFlow's sum is
	for (let at = from + 1; at < to; at++) data[at] = data[at - 1] + delta;
}
