import { stringsAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import type { Expand, ExpandContext } from "../define.js";
import { formula } from "../formula.js";
import { longInput, vectors } from "../vectors.js";
import { rowSplits } from "./row-splits.js";

/** Where each element stands, row by row (kernels/ragged_tensor_to_sparse_kernel.cc). */
export const raggedAsSparse: Expand = (context) => {
	const { inputs, types } = context;
	const v = vectors(context);
	const rows = rowSplits(context);
	const { max, floorDiv, floorMod } = formula(context, "int64");
	const last = inputs.length - 1;
	const { dtype } = types[last];
	const inner = v.cut(v.shape(inputs[last], dtype), 1);
	const width = max(v.product(inner), 1);
	const each = v.range(v.size(inputs[last], dtype));
	const columns = [v.coordinates(floorMod(each, width), inner)];
	const splits = Array.from({ length: last }, (_, i) => longInput(context, i));
	let places = floorDiv(each, width);
	for (const axis of splits.toReversed()) {
		const ids = rows.rowIds(axis);
		columns.unshift(v.column(v.take(rows.offsets(axis, ids), places)));
		places = v.take(ids, places);
	}
	const widths = splits.map((axis) => v.only(v.largest(rows.lengths(axis))));
	const { sub } = formula(context, "int64");
	return [
		v.columns([v.column(places), ...columns]),
		v.reshape(inputs[last], v.of(-1), dtype),
		v.join([v.only(sub(v.size(splits[0]), 1)), ...widths, inner]),
	];
};

/** A ragged axis: for each value its row and how many of the row come before it, and how many rows there are. */
interface RaggedAxis {
	readonly ids: ValueName;
	readonly offsets: ValueName;
	readonly lengths: ValueName;
}

/** Rows cut or filled up to one length (kernels/ragged_tensor_to_tensor_op.cc). */
export const raggedAsDense: Expand = (context) => {
	const { node, inputs, types } = context;
	const v = vectors(context);
	const { add, mul, less, where } = formula(context, "int64");
	const kinds = stringsAttr(node, "row_partition_types");
	const hasFirst = kinds[0] === "FIRST_DIM_SIZE";
	const axes = axesOf(context, hasFirst ? kinds.slice(1) : kinds);
	const first = hasFirst
		? v.reshape(longInput(context, 3), v.of())
		: v.size(axes[0].lengths);
	const isAny = types[0].shape?.length === 0;
	const wanted = longInput(context, 0);
	const size = (axis: number, found: ValueName) => {
		if (isAny) return found;
		const asked = v.at(wanted, axis);
		return where(less(asked, 0), found, asked);
	};
	const sizes = [
		size(0, first),
		...axes.map(({ lengths }, i) => size(i + 1, v.largest(lengths))),
	];
	const all = v.range(first);
	// -1 for what is cut off
	let places = where(less(all, sizes[0]), all, -1);
	for (const [i, { ids, offsets }] of axes.entries()) {
		const rows = v.take(places, ids);
		const place = add(mul(rows, sizes[i + 1]), offsets);
		const isCut = less(rows, 0);
		places = where(isCut, -1, where(less(offsets, sizes[i + 1]), place, -1));
	}
	const count = sizes.reduce((a, b) => mul(a, b));
	// one more, for what is cut off; 0 where no value comes
	const ends = where(less(places, 0), count, places);
	const numbers = add(v.range(v.size(places)), 1);
	const sources = v.cut(v.sumsById(numbers, ends, add(count, 1)), 0, -1);
	const { dtype } = types[1];
	const inner = v.cut(v.shape(inputs[1], dtype), 1);
	const rows = withDefault(context, inner);
	const shape = v.join([...sizes.map(v.only), inner]);
	return [v.reshape(v.take(rows, sources, dtype), shape, dtype)];
};

/** The default as a row before all values. */
function withDefault(context: ExpandContext, inner: ValueName): ValueName {
	const { add, scalar, inputs, types } = context;
	const v = vectors(context);
	const { dtype: T } = types[1];
	const row = add("BroadcastTo", [inputs[2], v.join([v.of(1), inner])], {
		T,
		Tidx: "int64",
	});
	return add("ConcatV2", [row, inputs[1], scalar("int32", 0)], {
		N: 2,
		T,
		Tidx: "int32",
	});
}

function axesOf(
	context: ExpandContext,
	kinds: readonly string[],
): readonly RaggedAxis[] {
	const from = context.inputs.length - kinds.length;
	const v = vectors(context);
	const rows = rowSplits(context);
	const { sub } = formula(context, "int64");
	// rows of the first axis are as many as the input before says, those of the next as many as values of the one before
	let count =
		from > 3 ? v.reshape(longInput(context, from - 1), v.of()) : v.of();
	return kinds.map((kind, i) => {
		const given = longInput(context, from + i);
		if (kind === "ROW_SPLITS") {
			const ids = rows.rowIds(given);
			const offsets = rows.offsets(given, ids);
			return { ids, offsets, lengths: rows.lengths(given) };
		}
		const lengths = v.sumsById(v.ones(given), given, count);
		count = v.size(given);
		const starts = v.take(v.sums(lengths, true), given);
		return { ids: given, offsets: sub(v.range(count), starts), lengths };
	});
}
