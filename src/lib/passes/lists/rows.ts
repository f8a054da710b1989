import type { ValueName } from "../../graph/ir.js";
import type { ExpandContext } from "../../ops/define.js";
import { formula } from "../../ops/formula.js";
import { longInput, vectors } from "../../ops/vectors.js";
import type { DType } from "../../tensor/dtype.js";

/** A vector of int64; `undefined` where a size is open. */
export type ElementShape = ValueName | undefined;

/** What an `element_shape` input says: a vector of sizes, or the scalar -1 for any. */
export function elementShape(
	context: ExpandContext,
	index: number,
): ElementShape {
	const { shape, elements } = context.types[index];
	const isOpen =
		shape?.length !== 1 ||
		(shape[0] !== 0 &&
			(elements === undefined ||
				elements.some((size) => size === undefined || size < 0)));
	return isOpen ? undefined : longInput(context, index);
}

/** Stacked elements of a type in TensorFlow nodes; counts and places are int64. */
export interface Rows {
	zeros(count: ValueName, element: ValueName): ValueName;
	/** The same rows, each of this shape; those of no elements become zeros. */
	fitted(rows: ValueName, element: ValueName): ValueName;
	count(rows: ValueName): ValueName;
	/** The shape of an element. */
	element(rows: ValueName): ValueName;
	first(rows: ValueName, count: ValueName): ValueName;
	/** With rows of zeros behind, up to so many. */
	grown(rows: ValueName, count: ValueName): ValueName;
	take(rows: ValueName, places: ValueName): ValueName;
	set(rows: ValueName, places: ValueName, values: ValueName): ValueName;
	join(rows: readonly ValueName[]): ValueName;
	/** An element as one row. */
	row(item: ValueName): ValueName;
}

export function rowsIn(context: ExpandContext, T: DType): Rows {
	const { add, scalar, constantOf } = context;
	const v = vectors(context);
	const { sub, max, mul, where, equal } = formula(context, "int64");
	const zero = () =>
		T === "string"
			? constantOf({ dtype: T, shape: [], data: [new Uint8Array(0)] })
			: scalar(T, 0);
	const filled = (shape: ValueName) =>
		add("Fill", [shape, zero()], { T, index_type: "int64" });
	const zeros = (count: ValueName, element: ValueName) =>
		filled(v.join([v.only(count), element]));
	const join = (rows: readonly ValueName[]) =>
		add("ConcatV2", [...rows, scalar("int32", 0)], {
			N: rows.length,
			T,
			Tidx: "int32",
		});
	const count = (rows: ValueName) => v.at(v.shape(rows, T), 0);
	const element = (rows: ValueName) => v.cut(v.shape(rows, T), 1);
	return {
		zeros,
		join,
		count,
		element,
		fitted: (rows, shape) => {
			const number = count(rows);
			const isNone = equal(v.size(rows, T), 0);
			const missing = where(isNone, mul(number, v.product(shape)), 0);
			const flat = v.reshape(rows, v.of(-1), T);
			return v.reshape(
				join([flat, filled(v.only(missing))]),
				v.join([v.only(number), shape]),
				T,
			);
		},
		first: (rows, number) =>
			add("StridedSlice", [rows, v.of(0), v.only(number), v.of(1)], {
				...{ T, Index: "int64", begin_mask: 1, end_mask: 0 },
				...{ ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 0 },
			}),
		grown: (rows, number) =>
			join([rows, zeros(max(sub(number, count(rows)), 0), element(rows))]),
		take: (rows, places) => v.take(rows, places, T),
		set: (rows, places, values) =>
			add("TensorScatterUpdate", [rows, v.column(places), values], {
				T,
				Tindices: "int64",
			}),
		row: (item) =>
			add("ExpandDims", [item, scalar("int32", 0)], { T, Tdim: "int32" }),
	};
}
