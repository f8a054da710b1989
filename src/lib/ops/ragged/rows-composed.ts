import { dtypeAttr, intAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import { DTYPES } from "../../tensor/dtype.js";
import type { Expand, ExpandContext } from "../define.js";
import { castTo, formula } from "../formula.js";
import { longInput, vectors } from "../vectors.js";
import { rowSplits } from "./row-splits.js";

/** Rows of the outermost axis; the axes of the indices become ragged ones (kernels/ragged_gather_op.cc). */
export const gatheredRows: Expand = (context) => {
	const { node, inputs, types } = context;
	const v = vectors(context);
	const { add } = formula(context, "int64");
	const rows = rowSplits(context);
	const values = inputs.length - 2;
	const indices = longInput(context, inputs.length - 1);
	const axes = intAttr(node, "OUTPUT_RAGGED_RANK") - values;
	const made = uniformSplits(context, indices, axes);
	let chosen = v.reshape(indices, v.of(-1));
	for (let axis = 0; axis < values; axis++) {
		const splits = longInput(context, axis);
		const starts = v.take(splits, chosen);
		const taken = rows.ofLengths(v.take(rows.lengths(splits), chosen));
		const ids = rows.rowIds(taken);
		chosen = add(rows.offsets(taken, ids), v.take(starts, ids));
		made.push(taken);
	}
	const type = dtypeAttr(node, "Tsplits");
	return [
		...made.map((splits) => castTo(context, splits, "int64", type)),
		v.take(inputs[values], chosen, types[values].dtype),
	];
};

/** Splits into rows of one length, for all of so many axes of a tensor behind its first. */
function uniformSplits(
	context: ExpandContext,
	tensor: ValueName,
	axes: number,
): ValueName[] {
	const v = vectors(context);
	const { add, mul } = formula(context, "int64");
	const shape = v.shape(tensor);
	return Array.from({ length: axes }, (_, axis) => {
		const rows = v.product(v.cut(shape, 0, axis + 1));
		return mul(v.range(add(rows, 1)), v.at(shape, axis + 1));
	});
}

/** One range a row; a scalar start, limit or step serves all rows (kernels/ragged_range_op.cc). */
export const rangesOfRows: Expand = (context) => {
	const { node, inputs, types } = context;
	const { dtype } = types[0];
	const v = vectors(context);
	const rows = rowSplits(context);
	const { add, sub, mul, div, floorDiv, max, of } = formula(context, dtype);
	const [start, limit, step] = inputs.map((input) =>
		v.reshape(input, v.of(-1), dtype),
	);
	const distance = sub(limit, start);
	const isWhole = DTYPES[dtype].kind !== "float";
	const steps = isWhole
		? of("Neg", floorDiv(of("Neg", distance), step))
		: of("Ceil", div(distance, step));
	const lengths = castTo(context, max(steps, 0), dtype, "int64");
	const splits = rows.ofLengths(lengths);
	const ids = rows.rowIds(splits);
	const each = (value: ValueName) =>
		v.take(add(value, mul(steps, 0)), ids, dtype);
	const offsets = castTo(context, rows.offsets(splits, ids), "int64", dtype);
	return [
		castTo(context, splits, "int64", dtypeAttr(node, "Tsplits")),
		add(each(start), mul(offsets, each(step))),
	];
};
