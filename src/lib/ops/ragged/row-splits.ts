import type { ValueName } from "../../graph/ir.js";
import type { ExpandContext } from "../define.js";
import { formula } from "../formula.js";
import { vectors } from "../vectors.js";

/** Rows of unequal length in TensorFlow nodes: row `i` has the values from `splits[i]` up to `splits[i + 1]`, all int64. */
export interface RowSplits {
	/** Splits of rows of these lengths. */
	ofLengths(lengths: ValueName): ValueName;
	lengths(splits: ValueName): ValueName;
	/** For each of all values the row that it is in. */
	rowIds(splits: ValueName): ValueName;
	/** For each of all values how many of its row come before it. */
	offsets(splits: ValueName, rowIds: ValueName): ValueName;
}

export function rowSplits(context: ExpandContext): RowSplits {
	const v = vectors(context);
	const { add, sub } = formula(context, "int64");
	return {
		ofLengths: (lengths) => v.join([v.of(0), v.sums(lengths)]),
		lengths: (splits) => sub(v.cut(splits, 1), v.cut(splits, 0, -1)),
		// at each place the number of rows that have ended, those without values too
		rowIds: (splits) => {
			const ends = v.cut(v.cut(splits, 1), 0, -1);
			const places = add(v.at(splits, -1), 1);
			return v.cut(v.sums(v.sumsById(v.ones(ends), ends, places)), 0, -1);
		},
		offsets: (splits, rowIds) =>
			sub(v.range(v.size(rowIds)), v.take(splits, rowIds)),
	};
}
