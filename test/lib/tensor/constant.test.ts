import { expect, test } from "vitest";
import {
	type Constant,
	type Reserve,
	reshapedConstant,
	transposedConstant,
} from "../../../src/lib/tensor/constant.js";

/** 0 … 23 in [2, 3, 4], as a file would be read: into memory that is reserved for it. */
const counting: Constant = {
	dtype: "float32",
	shape: [2, 3, 4],
	byteLength: 96,
	read: (reserve: Reserve = (length) => new ArrayBuffer(length)) => {
		const data = new Float32Array(reserve(96), 0, 24);
		for (let i = 0; i < 24; i++) data[i] = i;
		return { dtype: "float32", shape: [2, 3, 4], data };
	},
};

test("what is made of a constant may lie in two larger buffers in turn, which others have used", () => {
	const buffers = [0, 1].map(() => new Float32Array(100).fill(NaN).buffer);
	let turn = 0;
	const reserve = () => buffers[turn++ % 2];
	const moved = transposedConstant(
		reshapedConstant(transposedConstant(counting, [2, 0, 1]), [8, 3]),
		[1, 0],
	);
	const { shape, data } = moved.read(reserve);
	expect(shape).toEqual([3, 8]);
	// the element [j, 2 c + i] is that of [i, j, c]: 12 i + 4 j + c
	expect([...(data as Float32Array)]).toEqual(
		[0, 4, 8].flatMap((j) => [0, 1, 2, 3].flatMap((c) => [j + c, 12 + j + c])),
	);
	expect(buffers).toContain((data as Float32Array).buffer);
});
