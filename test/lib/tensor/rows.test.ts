import { expect, test } from "vitest";
import { asRow, joinRows, sliceRows } from "../../../src/lib/tensor/rows.js";
import { tensor } from "../../../src/lib/tensor/tensor.js";

const PAIRS = tensor("int32", [3, 2], Int32Array.of(1, 2, 3, 4, 5, 6));
const COMPLEX = tensor("complex64", [2], Float32Array.of(1, 2, 3, 4));
const WORDS = tensor("string", [2], [Buffer.from("a"), Buffer.from("b")]);

test("sliceRows() cuts rows out, in memory of their own", () => {
	const rows = sliceRows(PAIRS, 1, 3);
	expect(rows).toEqual(tensor("int32", [2, 2], Int32Array.of(3, 4, 5, 6)));
	expect((rows.data as Int32Array).buffer.byteLength).toBe(16);
	expect(sliceRows(COMPLEX, 1, 2).data).toEqual(Float32Array.of(3, 4));
	expect(sliceRows(WORDS, 0, 1)).toEqual(
		tensor("string", [1], [Buffer.from("a")]),
	);
});

test("joinRows() puts rows together again", () => {
	expect(joinRows([sliceRows(PAIRS, 0, 1), sliceRows(PAIRS, 1, 3)])).toEqual(
		PAIRS,
	);
	expect(
		joinRows([sliceRows(COMPLEX, 0, 1), sliceRows(COMPLEX, 1, 2)]),
	).toEqual(COMPLEX);
	expect(joinRows([WORDS, WORDS]).shape).toEqual([4]);
	expect(joinRows([asRow(PAIRS), asRow(PAIRS)]).shape).toEqual([2, 3, 2]);
});

test("joinRows() refuses rows of another shape", () => {
	const other = tensor("int32", [1, 3], Int32Array.of(1, 2, 3));
	expect(() => joinRows([PAIRS, other])).toThrow(
		"cannot join rows of shape [3] to rows of shape [2]",
	);
});
