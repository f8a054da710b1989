import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/tensor.js";
import type { ValueType } from "../define.js";

/** The number of axes of a sparse tensor, by its indices or its shape vector; -1 where neither says. */
export function sparseRank(indices: ValueType, shape: ValueType): number {
	const columns = indices.shape?.[1] ?? -1;
	return columns >= 0 ? columns : (shape.shape?.[0] ?? -1);
}

/** The types of a sparse tensor of so many axes and values. */
export function sparseTypes(
	dtype: DType,
	rank: number,
	count = -1,
): readonly [ValueType, ValueType, ValueType] {
	return [
		{ dtype: "int64", shape: [count, rank] },
		{ dtype, shape: [count] },
		{ dtype: "int64", shape: [rank] },
	];
}

/** So many unknown sizes; unknown rank for a negative number. */
export function anySizes(rank: number): Shape {
	return rank < 0 ? undefined : new Array<number>(rank).fill(-1);
}

/** The number of values that a sparse tensor's indices or values say it has. */
export function valueCount(indices: ValueType, values: ValueType): number {
	const rows = indices.shape?.[0] ?? -1;
	return rows >= 0 ? rows : (values.shape?.[0] ?? -1);
}
