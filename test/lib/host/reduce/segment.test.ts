import { expect, test } from "vitest";
import { given, plain, runKernel } from "../../../run-kernel.js";

const table = given("float32", [
	[1, 2],
	[3, 4],
	[5, 6],
]);
const rows = given("int32", [0, 2, 1]);
const ids = given("int32", [0, 0, 2]);

// an id without rows is zeros; SqrtN divides by the root of the number of rows
test.each([
	["Sum", [6, 8, 0, 0, 3, 4]],
	["Mean", [3, 4, 0, 0, 3, 4]],
	["SqrtN", [6 / Math.SQRT2, 8 / Math.SQRT2, 0, 0, 3, 4].map(Math.fround)],
])("rows of a table of embeddings become their %s", async (kind, wanted) => {
	const op = `SparseSegment${kind}`;
	const [result] = await runKernel(op, [table, rows, ids]);
	expect(plain(result)).toEqual(["float32", [3, 2], wanted]);
	const four = given("int32", 4);
	const [more] = await runKernel(`${op}WithNumSegments`, [
		table,
		rows,
		ids,
		four,
	]);
	expect(plain(more)).toEqual(["float32", [4, 2], [...wanted, 0, 0]]);
});

test("no rows at all are no segments", async () => {
	const none = { ...given("int32", []), shape: [0] };
	const [result] = await runKernel("SparseSegmentMean", [table, none, none]);
	expect(plain(result)).toEqual(["float32", [0, 2], []]);
});

test.each([
	["cannot take row 3 of a table of 3 rows (index 1)", [0, 3], [0, 0]],
	["ids start at 0 and must not fall", [0, 1], [1, 0]],
	["under 1 ids", [0, 1], [0]],
])("what cannot be added is refused: %s", async (message, indices, under) => {
	await expect(
		runKernel("SparseSegmentSum", [
			table,
			given("int32", indices),
			given("int32", under),
		]),
	).rejects.toThrow(message);
});
