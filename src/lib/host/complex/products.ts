import { boolAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { broadcast } from "../../ops/shapes.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import { stretched } from "../broadcast.js";
import type { HostKernel } from "../kernel.js";

/** A matrix as its buffer is walked: parts of the element in row i, column j stand at 2 (i · row + j · column). */
interface Walk {
	readonly values: NumericArray;
	readonly row: number;
	readonly column: number;
	/** Of the imaginary part: -1 for the conjugate. */
	readonly sign: number;
}

/** Matrices along the last two axes, the others broadcast; `turn` says whether a node's operand is transposed, and conjugated. */
function product(
	turn: (node: Node, operand: "a" | "b") => { isTurned: boolean; sign: number },
): HostKernel {
	return (node, [x, y]) => {
		const [turnA, turnB] = [turn(node, "a"), turn(node, "b")];
		const [sizesA, sizesB] = [x.shape.slice(-2), y.shape.slice(-2)];
		if (turnA.isTurned) sizesA.reverse();
		if (turnB.isTurned) sizesB.reverse();
		const [rows, inner] = sizesA;
		const columns = sizesB[1];
		const batch = broadcast(x.shape.slice(0, -2), y.shape.slice(0, -2)) ?? [];
		const count = elementCount(batch);
		const places = [x, y].map(({ shape }) =>
			stretched(shape.slice(0, -2), batch, count),
		);
		const shape = [...batch, rows, columns];
		const data = allocate(x.dtype, elementCount(shape)) as NumericArray;
		for (let i = 0; i < count; i++) {
			multiplyInto(
				data.subarray(2 * i * rows * columns),
				walk(x, places[0][i], turnA),
				walk(y, places[1][i], turnB),
				[rows, inner, columns],
			);
		}
		return [{ dtype: x.dtype, shape, data }];
	};
}

function walk(
	{ shape, data }: Tensor,
	place: number,
	{ isTurned, sign }: { isTurned: boolean; sign: number },
): Walk {
	const [rows, columns] = shape.slice(-2);
	return {
		values: (data as NumericArray).subarray(2 * place * rows * columns),
		row: isTurned ? 1 : columns,
		column: isTurned ? columns : 1,
		sign,
	};
}

/** Sums are kept in double precision. */
function multiplyInto(
	to: NumericArray,
	a: Walk,
	b: Walk,
	[rows, inner, columns]: readonly number[],
): void {
	for (let i = 0; i < rows; i++)
		for (let j = 0; j < columns; j++) {
			let [real, imaginary] = [0, 0];
			for (let k = 0; k < inner; k++) {
				const p = 2 * (i * a.row + k * a.column);
				const q = 2 * (k * b.row + j * b.column);
				const [x, y] = [a.values[p], a.sign * a.values[p + 1]];
				const [u, v] = [b.values[q], b.sign * b.values[q + 1]];
				real += x * u - y * v;
				imaginary += x * v + y * u;
			}
			to[2 * (i * columns + j)] = real;
			to[2 * (i * columns + j) + 1] = imaginary;
		}
}

const transposing = product((node, operand) => ({
	isTurned: boolAttr(node, `transpose_${operand}`),
	sign: 1,
}));

/** `adj_x` is the conjugate transpose. */
const adjoining = product((node, operand) => {
	const isTurned = boolAttr(node, operand === "a" ? "adj_x" : "adj_y");
	return { isTurned, sign: isTurned ? -1 : 1 };
});

export const complexProducts: Readonly<Record<string, HostKernel>> = {
	MatMul: transposing,
	BatchMatMul: adjoining,
	BatchMatMulV2: adjoining,
	BatchMatMulV3: adjoining,
};
