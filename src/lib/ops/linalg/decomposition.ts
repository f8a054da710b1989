import { boolAttr, dtypeAttr } from "../../graph/attrs.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { broadcast, sameAsInput } from "../shapes.js";

/** The right side's columns, and the rows that the matrix has columns; batch axes broadcast. */
const solution: InferRule = ({ inputs: [a, b] }) => {
	const batch = broadcast(a.shape?.slice(0, -2), b.shape?.slice(0, -2));
	return [
		{
			dtype: a.dtype,
			shape: batch && [...batch, a.shape?.at(-1) ?? -1, b.shape?.at(-1) ?? -1],
		},
	];
};

/** Values, and a matrix of each pair of sizes: `rows` and `columns` of the input, or the smaller of them. */
function parts(
	{ inputs: [{ dtype, shape }] }: InferContext,
	made: (sizes: Sizes) => readonly (readonly number[])[],
): readonly ValueType[] {
	const [rows, columns] = shape?.slice(-2) ?? [-1, -1];
	const smaller = rows < 0 || columns < 0 ? -1 : Math.min(rows, columns);
	const batch: Shape = shape?.slice(0, -2);
	return made({ rows, columns, smaller }).map((sizes) => ({
		dtype,
		shape: batch && [...batch, ...sizes],
	}));
}

interface Sizes {
	readonly rows: number;
	readonly columns: number;
	readonly smaller: number;
}

/** Ops that take matrices apart, and solve by what they find; the host's alone, in double precision. */
export const decompositionOps = {
	LogMatrixDeterminant: primitive((context) => parts(context, () => [[], []])),
	MatrixInverse: primitive(sameAsInput),
	MatrixSolve: primitive(solution),
	MatrixSolveLs: primitive(solution),
	MatrixTriangularSolve: primitive(solution),
	BandedTriangularSolve: primitive(solution),
	TridiagonalSolve: primitive(({ inputs: [, right] }) => [right]),
	TridiagonalMatMul: primitive(({ inputs: [, , , right] }) => [right]),
	Cholesky: primitive(sameAsInput),
	Lu: primitive((context) => {
		const [both, order] = parts(context, ({ rows, columns }) => [
			[rows, columns],
			[rows],
		]);
		const dtype = dtypeAttr(context.node, "output_idx_type");
		return [both, { ...order, dtype }];
	}),
	Qr: primitive((context) =>
		parts(context, ({ rows, columns, smaller }) => {
			const width = boolAttr(context.node, "full_matrices") ? rows : smaller;
			return [
				[rows, width],
				[width, columns],
			];
		}),
	),
	SelfAdjointEigV2: primitive((context) =>
		orNone(
			parts(context, ({ rows }) => [[rows], [rows, rows]]),
			boolAttr(context.node, "compute_v"),
		),
	),
	Eig: primitive((context) =>
		orNone(
			parts(context, ({ rows }) => [[rows], [rows, rows]]).map((type) => ({
				...type,
				dtype: dtypeAttr(context.node, "Tout"),
			})),
			boolAttr(context.node, "compute_v"),
		),
	),
	MatrixSquareRoot: primitive(sameAsInput),
	MatrixLogarithm: primitive(sameAsInput),
	Svd: primitive((context) => {
		const isFull = boolAttr(context.node, "full_matrices");
		return orNone(
			parts(context, ({ rows, columns, smaller }) => [
				[smaller],
				[rows, isFull ? rows : smaller],
				[columns, isFull ? columns : smaller],
			]),
			boolAttr(context.node, "compute_uv"),
		);
	}),
} as const satisfies Record<string, OpEntry>;

/** Values, and the vectors if they are asked for: a scalar stands for what is not. */
function orNone(
	[values, ...vectors]: readonly ValueType[],
	isWanted: boolean,
): readonly ValueType[] {
	return [
		values,
		...vectors.map((type) => (isWanted ? type : { ...type, shape: [] })),
	];
}
