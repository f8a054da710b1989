import { fail } from "../../errors.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { integersOf } from "../../tensor/integers.js";
import { allocate, elementCount } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import type { ComplexPair } from "./elements.js";
import { multiply } from "./numbers.js";

/** Rows that share an id become one, from `start` on; those of a negative id are left out (kernels/segment_reduction_ops_impl.h). */
function segments(start: number, combine: ComplexPair): HostKernel {
	return (_, [rows, idTensor, countTensor]) => {
		const ids = integersOf(idTensor);
		const [count] = integersOf(countTensor);
		const inner = rows.shape.slice(idTensor.shape.length);
		const shape = [count, ...inner];
		const width = 2 * elementCount(inner);
		const values = rows.data as NumericArray;
		const totals = new Float64Array(2 * elementCount(shape));
		for (let i = 0; i < totals.length; i += 2) totals[i] = start;
		const result = new Float64Array(2);
		for (let row = 0; row < ids.length; row++) {
			if (ids[row] < 0) continue;
			checkId(ids[row], count, row);
			for (let k = 0; k < width; k += 2) {
				const [to, from] = [ids[row] * width + k, row * width + k];
				combine(
					totals[to],
					totals[to + 1],
					values[from],
					values[from + 1],
					result,
				);
				totals.set(result, to);
			}
		}
		const data = allocate(rows.dtype, elementCount(shape)) as NumericArray;
		data.set(totals);
		return [{ dtype: rows.dtype, shape, data }];
	};
}

function checkId(id: number, count: number, row: number): void {
	if (id >= count)
		throw fail(
			"INVALID",
			`cannot put row ${row} under id ${id}: there are ${count} ids`,
		);
}

export const complexSegments: Readonly<Record<string, HostKernel>> = {
	UnsortedSegmentSum: segments(0, (a, b, c, d, to) => {
		to[0] = a + c;
		to[1] = b + d;
	}),
	UnsortedSegmentProd: segments(1, multiply),
};
