import { describe, test } from "vitest";
import { tensorFromNumbers } from "../../../../src/lib/tensor/numbers.js";
import { expectOne, fed, int, ints, loose, matrix } from "../../../one-node.js";

describe("diagonals, by the examples of their documentation", () => {
	const input = tensorFromNumbers(
		"int32",
		[3, 4],
		[1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6],
	);

	// tf.raw_ops.MatrixDiagPartV3
	test.each([
		["LEFT_RIGHT", [2, 7, 6, 1, 6, 7, 0, 5, 8]],
		["RIGHT_LEFT", [2, 7, 6, 1, 6, 7, 5, 8, 0]],
	])("MatrixDiagPartV3 aligned %s", async (align, values) => {
		for (const given of [fed(input), loose(input)])
			await expectOne(
				"MatrixDiagPartV3",
				[given, ints(-1, 1), int(0)],
				tensorFromNumbers("int32", [3, 3], values),
				{ align },
			);
	});

	// tf.raw_ops.MatrixDiagV3
	test("MatrixDiagV3 makes as small a matrix as holds them", async () => {
		await expectOne(
			"MatrixDiagV3",
			[loose(ints(1, 2, 3)), int(-1), int(-1), int(-1), int(0)],
			tensorFromNumbers(
				"int32",
				[4, 4],
				[0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0],
			),
			{ align: "RIGHT_LEFT" },
		);
		await expectOne(
			"MatrixDiagV3",
			[loose(ints(1, 2)), int(-1), int(3), int(-1), int(9)],
			tensorFromNumbers("int32", [3, 2], [9, 9, 1, 9, 9, 2]),
			{ align: "RIGHT_LEFT" },
		);
	});

	test("MatrixSetDiag replaces the main one, and MatrixBandPart keeps a band", async () => {
		await expectOne(
			"MatrixSetDiag",
			[loose(input), loose(ints(0, 0, 0))],
			tensorFromNumbers("int32", [3, 4], [0, 2, 3, 4, 5, 0, 7, 8, 9, 8, 0, 6]),
		);
		const long = (value: number) => tensorFromNumbers("int64", [], [value]);
		await expectOne(
			"MatrixBandPart",
			[loose(input), long(-1), long(0)],
			tensorFromNumbers("int32", [3, 4], [1, 0, 0, 0, 5, 6, 0, 0, 9, 8, 7, 0]),
		);
		await expectOne(
			"MatrixBandPart",
			[loose(input), fed(long(0)), fed(long(1))],
			tensorFromNumbers("int32", [3, 4], [1, 2, 0, 0, 0, 6, 7, 0, 0, 0, 7, 6]),
		);
	});

	test("Diag and DiagPart are each other's inverse", async () => {
		const square = tensorFromNumbers(
			"int32",
			[2, 2, 2, 2],
			[1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4],
		);
		await expectOne("Diag", [loose(matrix(2, 1, 2, 3, 4))], square);
		await expectOne("DiagPart", [loose(square)], matrix(2, 1, 2, 3, 4));
	});
});
