import type { ValueName } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import type { Expand, ExpandContext } from "../define.js";
import { castTo, formula } from "../formula.js";
import { rowSplits } from "../ragged/row-splits.js";
import { vectors } from "../vectors.js";

/** The same places in another shape, one size of which may be -1 (kernels/reshape_util.cc). */
export const reshapedSparse: Expand = (context) => {
	const v = vectors(context);
	const { max, equal, floorDiv, where } = formula(context, "int64");
	const [indices, from, to] = context.inputs;
	const isOpen = equal(to, -1);
	const known = v.product(where(isOpen, 1, to));
	const rest = floorDiv(v.product(from), max(known, 1));
	const shape = where(isOpen, rest, to);
	return [v.coordinates(placesOf(context, indices, from), shape), shape];
};

/** Where values with such coordinates [n, rank] stand, row by row. */
function placesOf(
	context: ExpandContext,
	indices: ValueName,
	shape: ValueName,
): ValueName {
	const v = vectors(context);
	const { mul } = formula(context, "int64");
	return context.add(
		"Sum",
		[mul(indices, v.row(v.strides(shape))), context.scalar("int32", 1)],
		{ T: "int64", Tidx: "int32", keep_dims: false },
	);
}

/** A row without values gets the default in its first place; values come out row by row (kernels/fill_empty_rows_functor.h). */
export const withoutEmptyRows: Expand = (context) => {
	const { inputs, types } = context;
	const [indices, values, shape, filler] = inputs;
	const v = vectors(context);
	const { add, equal, max } = formula(context, "int64");
	const { dtype } = types[1];
	const rows = v.reshape(columnsOf(context, indices, 0, 1), v.of(-1));
	const counts = v.sumsById(v.ones(rows), rows, v.at(shape, 0));
	const splits = rowSplits(context).ofLengths(max(counts, 1));
	const places = add(v.take(splits, rows), ranksInRows(context, rows, counts));
	const numbers = add(v.range(v.size(rows)), 1);
	// 0 where the default comes
	const sources = v.sumsById(numbers, places, v.at(splits, -1));
	const defaults = v.reshape(filler, v.of(1), dtype);
	const rest = columnsOf(context, indices, 1);
	const nowhere = context.add("ZerosLike", [v.row(v.cut(shape, 1))], {
		T: "int64",
	});
	return [
		v.columns([
			v.column(rowSplits(context).rowIds(splits)),
			v.take(stacked(context, [nowhere, rest], "int64"), sources),
		]),
		v.take(stacked(context, [defaults, values], dtype), sources, dtype),
		equal(counts, 0),
		places,
	];
};

/** How many values of its row come before each; rows may come in any order. */
function ranksInRows(
	context: ExpandContext,
	rows: ValueName,
	counts: ValueName,
): ValueName {
	const v = vectors(context);
	const { sub, of } = formula(context, "int64");
	const count = v.size(rows);
	const [, order] = context.addMany(
		"TopKV2",
		[of("Neg", rows), castTo(context, count, "int64", "int32")],
		2,
		{ T: "int64", sorted: true, Tk: "int32", index_type: "int32" },
	);
	// of equal ones the first comes first
	const sorted = castTo(context, order, "int32", "int64");
	const starts = v.take(v.sums(counts, true), v.take(rows, sorted));
	return v.sumsById(sub(v.range(count), starts), sorted, count);
}

/** Columns of a matrix of indices, up to the last one without an end. */
function columnsOf(
	context: ExpandContext,
	indices: ValueName,
	from: number,
	to?: number,
): ValueName {
	const v = vectors(context);
	return context.add(
		"StridedSlice",
		[indices, v.of(0, from), v.of(0, to ?? 0), v.of(1, 1)],
		{
			...{ T: "int64", Index: "int64", begin_mask: 1 },
			...{ end_mask: to === undefined ? 3 : 1, ellipsis_mask: 0 },
			...{ new_axis_mask: 0, shrink_axis_mask: 0 },
		},
	);
}

function stacked(
	{ add, scalar }: ExpandContext,
	rows: readonly ValueName[],
	T: DType,
): ValueName {
	return add("ConcatV2", [...rows, scalar("int32", 0)], {
		N: rows.length,
		T,
		Tidx: "int32",
	});
}
