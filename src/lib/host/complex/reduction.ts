import { boolAttr } from "../../graph/attrs.js";
import { reducedShape } from "../../ops/reduce/reduction.js";
import { normalizeAxis } from "../../ops/shapes.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { allocate, elementCount } from "../../tensor/tensor.js";
import { integers } from "../array/integers.js";
import { eachRow } from "../broadcast.js";
import type { HostKernel } from "../kernel.js";
import type { ComplexPair } from "./elements.js";
import { multiply } from "./numbers.js";

const add: ComplexPair = (a, b, c, d, to) => {
	to[0] = a + c;
	to[1] = b + d;
};

/** Elements become one from `start` on, in double precision; of a mean the total is divided by their number. */
function reduction(
	start: number,
	combine: ComplexPair,
	isMean = false,
): HostKernel {
	return (node, [x, axesTensor]) => {
		const axes = integers(axesTensor);
		const shapeOf = (keepDims: boolean) =>
			reducedShape(x.shape, axes, keepDims) as readonly number[];
		const kept = shapeOf(true);
		const totals = new Float64Array(2 * elementCount(kept));
		for (let i = 0; i < totals.length; i += 2) totals[i] = start;
		const values = x.data as NumericArray;
		const to = new Float64Array(2);
		eachRow(x.shape, [kept], (at, length, [place], [step]) => {
			for (let k = 0; k < length; k++) {
				const [i, j] = [2 * (at + k), 2 * (place + k * step)];
				combine(totals[j], totals[j + 1], values[i], values[i + 1], to);
				totals[j] = to[0];
				totals[j + 1] = to[1];
			}
		});
		// the mean of nothing is 0 here, other than that of real numbers
		const count = isMean ? Math.max(values.length / totals.length, 1) : 1;
		const data = allocate(x.dtype, totals.length / 2) as NumericArray;
		for (let i = 0; i < data.length; i++) data[i] = totals[i] / count;
		return [
			{ dtype: x.dtype, shape: shapeOf(boolAttr(node, "keep_dims")), data },
		];
	};
}

/** Each element becomes what it and those before it make; without itself if exclusive, from the end if reversed. */
function accumulation(start: number, combine: ComplexPair): HostKernel {
	return (node, [x, axisTensor]) => {
		const axis = normalizeAxis(integers(axisTensor)[0], x.shape.length);
		const size = x.shape[axis];
		const inner = elementCount(x.shape.slice(axis + 1));
		const isExclusive = boolAttr(node, "exclusive");
		const isReverse = boolAttr(node, "reverse");
		const values = x.data as NumericArray;
		const data = allocate(x.dtype, values.length / 2) as NumericArray;
		const to = new Float64Array(2);
		const lines = size === 0 ? 0 : values.length / 2 / size;
		for (let line = 0; line < lines; line++) {
			const base = Math.floor(line / inner) * size * inner + (line % inner);
			to[0] = start;
			to[1] = 0;
			for (let step = 0; step < size; step++) {
				const place = isReverse ? size - 1 - step : step;
				const i = 2 * (base + place * inner);
				if (isExclusive) data.set(to, i);
				combine(to[0], to[1], values[i], values[i + 1], to);
				if (!isExclusive) data.set(to, i);
			}
		}
		return [{ dtype: x.dtype, shape: x.shape, data }];
	};
}

export const complexReductions: Readonly<Record<string, HostKernel>> = {
	Sum: reduction(0, add),
	Mean: reduction(0, add, true),
	Prod: reduction(1, multiply),
	Cumsum: accumulation(0, add),
	Cumprod: accumulation(1, multiply),
};
