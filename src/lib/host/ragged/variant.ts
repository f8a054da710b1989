import { fail } from "../../errors.js";
import { boolAttr, dtypeAttr, intAttr } from "../../graph/attrs.js";
import type { DType } from "../../tensor/dtype.js";
import { integerData } from "../../tensor/integers.js";
import { joinRows, sliceRows } from "../../tensor/rows.js";
import { allocate, type Tensor } from "../../tensor/tensor.js";
import type { HostStep } from "../kernel.js";
import { itemOf, type Opaque, opaque, tensorOf } from "../value.js";
import { nestedSplits } from "./partition.js";
import { uniformSplits } from "./rows.js";

/** What a variant of `RaggedTensorToVariant` holds. Has a lifetime: that of the run that made it. */
class RaggedRows {
	constructor(
		/** The outermost first. */
		readonly splits: readonly ArrayLike<number>[],
		readonly values: Tensor,
	) {}
}

/** `RaggedTensorToVariant`: one variant of all, or one of each row. */
export const raggedTensorToVariant: HostStep = (node, inputs) => {
	const tensors = inputs.map(tensorOf);
	const values = tensors[tensors.length - 1];
	const splits = nestedSplits(tensors.slice(0, -1), values.shape[0]);
	if (!boolAttr(node, "batched_input"))
		return [opaque("variant", new RaggedRows(splits, values))];
	const count = splits.length === 0 ? values.shape[0] : splits[0].length - 1;
	const items = Array.from({ length: count }, (_, row) =>
		rowOf(splits, values, row),
	);
	return [{ dtype: "variant", shape: [count], items }];
};

/** One row as a ragged tensor of its own, with an axis less. */
function rowOf(
	splits: readonly ArrayLike<number>[],
	values: Tensor,
	row: number,
): RaggedRows {
	if (splits.length === 0) {
		const value = sliceRows(values, row, row + 1);
		return new RaggedRows([], { ...value, shape: value.shape.slice(1) });
	}
	let [from, to] = [splits[0][row], splits[0][row + 1]];
	const inner = splits.slice(1).map((axis) => {
		const start = axis[from];
		const list = Float64Array.from(
			{ length: to + 1 - from },
			(_, i) => axis[from + i] - start,
		);
		[from, to] = [start, axis[to]];
		return list;
	});
	return new RaggedRows(inner, sliceRows(values, from, to));
}

/** `RaggedTensorFromVariant`: the axes of the variants become ragged ones around what they hold. */
export const raggedTensorFromVariant: HostStep = (node, [encoded]) => {
	const rank = intAttr(node, "output_ragged_rank");
	const given = intAttr(node, "input_ragged_rank");
	const inner = given === -1 ? rank - encoded.shape.length : given;
	const items = raggedItems(encoded as Opaque);
	const stranger = items.find(
		({ splits, values }) =>
			splits.length !== Math.max(inner, 0) ||
			values.dtype !== dtypeAttr(node, "Tvalues"),
	);
	if (stranger !== undefined)
		throw fail(
			"INVALID",
			`cannot read a variant as a ragged tensor of ${dtypeAttr(node, "Tvalues")} with ${inner} ragged axes: it is one of ${stranger.values.dtype} with ${stranger.splits.length}`,
		);
	const { splits, values } =
		encoded.shape.length === 0
			? items[0]
			: stackedRows(encoded.shape, items, inner, dtypeAttr(node, "Tvalues"));
	const dtype = dtypeAttr(node, "Tsplits");
	return [
		...splits.map((list) => ({
			dtype,
			shape: [list.length],
			data: integerData(dtype, Float64Array.from(list)),
		})),
		values,
	];
};

function raggedItems(encoded: Opaque): RaggedRows[] {
	return encoded.items.map((item) =>
		itemOf({ dtype: encoded.dtype, shape: [], items: [item] }, RaggedRows),
	);
}

function stackedRows(
	shape: readonly number[],
	items: readonly RaggedRows[],
	inner: number,
	dtype: DType,
): RaggedRows {
	const parts = items.map(({ values }) =>
		inner < 0 ? { ...values, shape: [1, ...values.shape] } : values,
	);
	const values =
		parts.length === 0
			? { dtype, shape: [0], data: allocate(dtype, 0) }
			: joinRows(parts);
	const outer: ArrayLike<number>[] = uniformSplits(shape);
	if (inner < 0) return new RaggedRows(outer, values);
	const lengths = items.map((item) =>
		item.splits.length === 0 ? item.values.shape[0] : item.splits[0].length - 1,
	);
	const joined = Array.from({ length: inner }, (_, axis) =>
		running(items.flatMap(({ splits }) => lengthsOf(splits[axis]))),
	);
	return new RaggedRows([...outer, running(lengths), ...joined], values);
}

function lengthsOf(splits: ArrayLike<number>): number[] {
	return Array.from(
		{ length: splits.length - 1 },
		(_, row) => splits[row + 1] - splits[row],
	);
}

/** Splits of rows of these lengths. */
function running(lengths: readonly number[]): number[] {
	let end = 0;
	return [0, ...lengths.map((length) => (end += length))];
}
