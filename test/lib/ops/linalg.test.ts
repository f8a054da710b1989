import { expect, test } from "vitest";
import { labelSizes, parseEinsum } from "../../../src/lib/ops/linalg/einsum.js";
import { inferOne } from "../../one-node.js";

const float = (...shape: number[]) => ({ dtype: "float32" as const, shape });
const anything = { dtype: "float32" as const, shape: undefined };

test("MatMul takes rows and columns of transposed operands", () => {
	const attrs = { transpose_a: true, transpose_b: true };
	expect(
		inferOne("MatMul", [float(3, -1), float(5, 3)], attrs)[0].shape,
	).toEqual([-1, 5]);
	expect(inferOne("MatMul", [anything, float(5, 3)])[0].shape).toEqual([-1, 3]);
});

test("MatMul names both shapes where columns do not meet rows", () => {
	expect(() => inferOne("MatMul", [float(2, 3), float(4, 5)])).toThrow(
		"cannot multiply matrices of shapes [2,3] and [4,5]: 3 columns meet 4 rows",
	);
});

test("BatchMatMulV2 broadcasts what comes before the matrices", () => {
	const inputs = [float(2, 1, 4, 3), float(5, 4, 6)];
	expect(inferOne("BatchMatMulV2", inputs, { adj_x: true })[0].shape).toEqual([
		2, 5, 3, 6,
	]);
	expect(inferOne("BatchMatMulV2", [anything, float(4, 6)])[0].shape).toBe(
		undefined,
	);
});

test("BatchMatMulV3 gives the type that Tout names", () => {
	const bytes = { dtype: "int8" as const, shape: [2, 3] };
	const attrs = { Tout: "int32" };
	expect(
		inferOne("BatchMatMulV3", [bytes, { ...bytes, shape: [3, 4] }], attrs),
	).toEqual([{ dtype: "int32", shape: [2, 4] }]);
});

test.each([
	[
		"ij,jk->ik",
		[
			[2, 3],
			[3, 4],
		],
		[2, 4],
	],
	[
		"...ij,...jk->...ik",
		[
			[2, 1, 3, 4],
			[5, 4, 6],
		],
		[2, 5, 3, 6],
	],
	// the axes of an ellipsis are counted from its end
	["ab...,b->a...", [[2, 3, 4, 5], [3]], [2, 4, 5]],
	["ii->", [[3, 3]], []],
	// numpy: without an arrow, labels that occur once, sorted
	["ba", [[2, 3]], [3, 2]],
	[
		"ij, jk",
		[
			[2, 3],
			[3, 4],
		],
		[2, 4],
	],
	[
		"bij,bjk->bik",
		[
			[-1, 2, 3],
			[4, -1, 5],
		],
		[4, 2, 5],
	],
])("Einsum %s of %j has shape %j", (equation, shapes, expected) => {
	const inputs = shapes.map((shape) => float(...shape));
	expect(inferOne("Einsum", inputs, { equation })[0].shape).toEqual(expected);
});

test("Einsum knows nothing of an ellipsis over an operand of unknown rank", () => {
	const inputs = [anything, float(2, 3)];
	const [type] = inferOne("Einsum", inputs, { equation: "...i,ij->...j" });
	expect(type.shape).toBeUndefined();
});

test.each([
	[
		"ij->ik",
		[[2, 3]],
		'cannot read einsum equation "ij->ik": label "k" of the result is in no operand',
	],
	[
		"ij,jk->ik",
		[[2, 3]],
		'cannot read einsum equation "ij,jk->ik": it has 2 operands, 1 were given',
	],
	[
		"ijk->i",
		[[2, 3]],
		'cannot read einsum equation "ijk->i": "ijk" has 3 labels, its operand has shape [2,3]',
	],
	[
		"ij,jk->ik",
		[
			[2, 3],
			[4, 5],
		],
		'cannot compute an einsum: label "j" is 3 in one operand and 4 in another',
	],
])("Einsum %s of %j fails with what was found", (equation, shapes, message) => {
	const inputs = shapes.map((shape) => float(...shape));
	expect(() => inferOne("Einsum", inputs, { equation })).toThrow(message);
});

test("labelSizes() lets an ellipsis axis of 1 stretch to one that is not known", () => {
	const shapes = [
		[1, 3],
		[-1, 3],
	];
	const einsum = parseEinsum("...i,...i->...", shapes);
	expect(einsum && labelSizes(einsum, shapes).get(".1")).toBe(-1);
});
