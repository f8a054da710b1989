import { fail } from "../../errors.js";
import type { ValueName } from "../../graph/ir.js";
import { composite, type ExpandContext, type OpEntry } from "../define.js";
import { formula } from "../formula.js";
import { movement } from "../movement.js";
import {
	type Band,
	type Extent,
	filling,
	lengthOf,
	matrixExtent,
	within,
} from "./diagonal-band.js";

/**
 * Diagonals of matrices: taken, set, and made into matrices; an older op is a case of the newest. Each is a table of
 * places, computed in whole numbers, by which elements are gathered: where the sizes are known it folds to a constant.
 */
export const diagonalOps = {
	MatrixDiagPart: composite((context) => [part(context, MAIN)]),
	MatrixDiagPartV2: composite((context) => [part(context, band(context, 1))]),
	MatrixDiagPartV3: composite((context) => [part(context, band(context, 1))]),
	BatchMatrixDiagPart: composite((context) => [part(context, MAIN)]),
	MatrixDiag: composite((context) => [matrix(context, MAIN)]),
	MatrixDiagV2: composite((context) => [matrix(context, band(context, 1))]),
	MatrixDiagV3: composite((context) => [matrix(context, band(context, 1))]),
	BatchMatrixDiag: composite((context) => [matrix(context, MAIN)]),
	MatrixSetDiag: composite((context) => [replaced(context, MAIN)]),
	MatrixSetDiagV2: composite((context) => [
		replaced(context, band(context, 2)),
	]),
	MatrixSetDiagV3: composite((context) => [
		replaced(context, band(context, 2)),
	]),
	BatchMatrixSetDiag: composite((context) => [replaced(context, MAIN)]),
	MatrixBandPart: composite((context) => [bandPart(context)]),
	BatchMatrixBandPart: composite((context) => [bandPart(context)]),
	/** [D1, …] → [D1, …, D1, …]. */
	Diag: composite((context) => {
		const { shapeOf, joined, reshape, ints } = movement(context);
		const [x] = context.inputs;
		const shape = shapeOf(x);
		const square = context.add("MatrixDiag", [reshape(x, ints([-1]))], {
			T: context.types[0].dtype,
		});
		return [reshape(square, joined(shape, shape))];
	}),
	DiagPart: composite((context) => {
		const { gather, ints, range, part, product, reshape, shapeOf } =
			movement(context);
		const { add, mul } = formula(context, "int64");
		const [x] = context.inputs;
		const shape = part(shapeOf(x), 0, knownRank(context) / 2);
		const count = product(shape);
		const places = mul(range(count), add(count, 1));
		return [reshape(gather(reshape(x, ints([-1])), places, 0), shape)];
	}),
} as const satisfies Record<string, OpEntry>;

/** What the first version of each op knows. */
const MAIN: Band = {
	low: 0,
	high: 0,
	isRightAbove: false,
	isRightBelow: false,
};

/** The band in input `index`: one diagonal, or the lowest and the highest. V2 fills up on the right, as without `align`. */
function band({ node, types, constant }: ExpandContext, index: number): Band {
	const known =
		types[index].elements ??
		Array.from((constant(index)?.data ?? []) as Int32Array);
	const [low, high = low] = known;
	if (low === undefined || high === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot expand ${node.op}: which diagonals it means is computed at run time`,
		);
	const [above, below] = String(node.attrs.align ?? "LEFT_LEFT").split("_");
	return {
		low,
		high,
		isRightAbove: above === "RIGHT",
		isRightBelow: below === "RIGHT",
	};
}

/** [..., M, N] → [..., diagonals, longest], or [..., longest] of a single diagonal. */
function part(context: ExpandContext, given: Band): ValueName {
	const { add, inputs, types, scalar } = context;
	const moves = movement(context);
	const numbers = formula(context, "int64");
	const { low, high } = given;
	const { rows, columns, batch } = matrixExtent(context, 0);
	const longest = numbers.min(
		numbers.add(rows, Math.min(high, 0)),
		numbers.sub(columns, Math.max(low, 0)),
	);
	const extent: Extent = { rows, columns, longest };
	const diagonal = moves.ints(
		Array.from({ length: high - low + 1 }, (_, i) => high - i),
	);
	const column = moves.expand(diagonal, 1);
	const along = numbers.sub(
		moves.range(longest),
		filling(context, column, extent, given),
	);
	const isThere = within(context, along, 0, lengthOf(context, column, extent));
	const row = numbers.sub(along, numbers.min(column, 0));
	const places = numbers.add(
		numbers.mul(row, columns),
		numbers.add(along, numbers.max(column, 0)),
	);
	const flat = moves.reshape(
		inputs[0],
		moves.joined(batch, moves.vector(numbers.mul(rows, columns))),
	);
	if (low === high)
		return moves.gather(flat, moves.reshape(places, moves.ints([-1])), -1);
	const taken = moves.gather(flat, numbers.where(isThere, places, 0), -1);
	const padding = inputs[2] ?? scalar(types[0].dtype, 0);
	return add("SelectV2", [isThere, taken, padding], { T: types[0].dtype });
}

/** [..., diagonals, longest] → [..., rows, columns]; sizes that are -1 are as small as they can be, both together square. */
function matrix(context: ExpandContext, given: Band): ValueName {
	const { inputs, types, scalar } = context;
	const moves = movement(context);
	const { add, equal, max, where } = formula(context, "int64");
	const longest = moves.element(moves.shapeOf(inputs[0]), -1);
	const fewestRows = add(longest, Math.max(-given.high, 0));
	const fewestColumns = add(longest, Math.max(given.low, 0));
	const [askedRows, askedColumns] = [2, 3].map((index) =>
		inputs[index] === undefined
			? scalar("int64", -1)
			: moves.int64(inputs[index], "int32"),
	);
	const [openRows, openColumns] = [
		equal(askedRows, -1),
		equal(askedColumns, -1),
	];
	const square = max(fewestRows, fewestColumns);
	const rows = where(
		openRows,
		where(openColumns, square, fewestRows),
		askedRows,
	);
	const columns = where(
		openColumns,
		where(openRows, square, fewestColumns),
		askedColumns,
	);
	const padding = inputs[4] ?? scalar(types[0].dtype, 0);
	return spread(context, 0, { rows, columns, longest }, given, padding);
}

/** The matrices in input 0 with their diagonals from input 1. */
function replaced(context: ExpandContext, given: Band): ValueName {
	const { element, shapeOf } = movement(context);
	const { rows, columns } = matrixExtent(context, 0);
	const longest = element(shapeOf(context.inputs[1]), -1);
	return spread(
		context,
		1,
		{ rows, columns, longest },
		given,
		context.inputs[0],
	);
}

/** Diagonals, input `index`, where they belong in matrices, and elsewhere elements of `others`. */
function spread(
	context: ExpandContext,
	index: number,
	extent: Extent,
	given: Band,
	others: ValueName,
): ValueName {
	const { add, inputs, types } = context;
	const moves = movement(context);
	const numbers = formula(context, "int64");
	const { low, high } = given;
	const column = moves.expand(moves.range(moves.scalar(extent.columns)), 0);
	const row = moves.expand(moves.range(moves.scalar(extent.rows)), 1);
	const diagonal = numbers.sub(column, row);
	const isThere = within(context, diagonal, low, high + 1);
	const along = numbers.add(
		numbers.sub(column, numbers.max(diagonal, 0)),
		filling(context, diagonal, extent, given),
	);
	const places = numbers.add(
		numbers.mul(numbers.sub(high, diagonal), extent.longest),
		along,
	);
	const flat =
		low === high ? inputs[index] : flattened(context, index, high - low + 1);
	const taken = moves.gather(flat, numbers.where(isThere, places, 0), -1);
	return add("SelectV2", [isThere, taken, others], { T: types[index].dtype });
}

/** The last two axes as one; the first of them has `count` rows. */
function flattened(
	context: ExpandContext,
	index: number,
	count: number,
): ValueName {
	const { shapeOf, element, part, joined, reshape, vector } = movement(context);
	const { mul } = formula(context, "int64");
	const x = context.inputs[index];
	const shape = shapeOf(x);
	const size = vector(mul(element(shape, -1), count));
	return reshape(x, joined(part(shape, 0, -2), size));
}

/** Keeps `num_lower` diagonals below the main one and `num_upper` above it, all of them if negative. */
function bandPart(context: ExpandContext): ValueName {
	const { add, inputs, types, scalar } = context;
	const moves = movement(context);
	const { less, sub } = formula(context, "int64");
	const { rows, columns } = matrixExtent(context, 0);
	const column = moves.expand(moves.range(moves.scalar(columns)), 0);
	const row = moves.expand(moves.range(moves.scalar(rows)), 1);
	const conditions = [sub(row, column), sub(column, row)].flatMap(
		(distance, i) => {
			const index = i + 1;
			const known = types[index].elements?.[0];
			const limit = moves.int64(inputs[index], types[index].dtype);
			if (known !== undefined && known < 0) return [];
			const isFar = less(limit, distance);
			if (known !== undefined) return [add("LogicalNot", [isFar])];
			const isOpen = less(limit, 0);
			return [add("LogicalOr", [isOpen, add("LogicalNot", [isFar])])];
		},
	);
	if (conditions.length === 0) return inputs[0];
	const isKept = conditions.reduce((a, b) => add("LogicalAnd", [a, b]));
	return add("SelectV2", [isKept, inputs[0], scalar(types[0].dtype, 0)], {
		T: types[0].dtype,
	});
}

function knownRank({ types: [{ shape }], node }: ExpandContext): number {
	if (shape === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot expand ${node.op}: the rank of its input is not known`,
		);
	return shape.length;
}
