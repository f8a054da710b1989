import { fail } from "../errors.js";
import { boolAttr, dtypeAttr, stringAttr } from "../graph/attrs.js";
import { tensorFromNumbers } from "../tensor/numbers.js";
import { type Shape, showShape } from "../tensor/tensor.js";
import {
	composite,
	type ExpandContext,
	type InferRule,
	type OpEntry,
	primitive,
} from "./define.js";
import { decompositionOps } from "./linalg/decomposition.js";
import { einsumShape } from "./linalg/einsum.js";
import { broadcast } from "./shapes.js";

const matMul: InferRule = ({ node, inputs: [a, b] }) => [
	{
		dtype: a.dtype,
		shape: productShape(
			turned(a.shape ?? [-1, -1], boolAttr(node, "transpose_a")),
			turned(b.shape ?? [-1, -1], boolAttr(node, "transpose_b")),
		),
	},
];

const batchMatMul: InferRule = ({ node, inputs: [x, y] }) => [
	{
		dtype: node.attrs.Tout === undefined ? x.dtype : dtypeAttr(node, "Tout"),
		shape: productShape(
			turned(x.shape, boolAttr(node, "adj_x")),
			turned(y.shape, boolAttr(node, "adj_y")),
		),
	},
];

const einsum: InferRule = ({ node, inputs }) => [
	{
		dtype: inputs[0].dtype,
		shape: einsumShape(
			stringAttr(node, "equation"),
			inputs.map(({ shape }) => shape),
		),
	},
];

const determinant: InferRule = ({ inputs: [input] }) => [
	{ dtype: input.dtype, shape: input.shape?.slice(0, -2) },
];

/** Products of matrices and what comes with them. */
export const linalgOps = {
	MatMul: primitive(matMul),
	_FusedMatMul: primitive(matMul),
	BatchMatMul: primitive(batchMatMul),
	BatchMatMulV2: primitive(batchMatMul),
	BatchMatMulV3: primitive(batchMatMul),
	Einsum: primitive(einsum),
	MatrixDeterminant: primitive(determinant),
	...decompositionOps,
	SparseMatMul: composite(expandSparseMatMul),
	Cross: composite(expandCross),
} as const satisfies Record<string, OpEntry>;

/** The shape with its last two axes swapped, if so asked. Fails with INVALID where there are no two. */
function turned(shape: Shape, swap: boolean): Shape {
	if (shape === undefined) return undefined;
	if (shape.length < 2)
		throw fail(
			"INVALID",
			`cannot multiply a tensor of shape ${showShape(shape)}: a matrix is wanted`,
		);
	const [rows, columns] = shape.slice(-2);
	return swap ? [...shape.slice(0, -2), columns, rows] : shape;
}

/** Leading axes broadcast; the last two are the matrix. */
function productShape(a: Shape, b: Shape): Shape {
	if (a === undefined || b === undefined) return undefined;
	const [rows, inner] = a.slice(-2);
	const [innerToo, columns] = b.slice(-2);
	if (inner >= 0 && innerToo >= 0 && inner !== innerToo)
		throw fail(
			"INVALID",
			`cannot multiply matrices of shapes ${showShape(a)} and ${showShape(b)}: ${inner} columns meet ${innerToo} rows`,
		);
	return [...(broadcast(a.slice(0, -2), b.slice(0, -2)) ?? []), rows, columns];
}

/** A hint that many elements are zero changes nothing; bfloat16 operands give float32. */
function expandSparseMatMul({
	node,
	inputs,
	types,
	add,
}: ExpandContext): readonly string[] {
	const operands = inputs.map((input, i) =>
		types[i].dtype === "float32"
			? input
			: add("Cast", [input], {
					SrcT: types[i].dtype,
					DstT: "float32",
					Truncate: false,
				}),
	);
	const { transpose_a, transpose_b } = node.attrs;
	return [add("MatMul", operands, { transpose_a, transpose_b, T: "float32" })];
}

/** a × b = rotate(a) · rotate²(b) - rotate²(a) · rotate(b) along the last axis, where rotate takes [1, 2, 0]. */
function expandCross({
	node,
	inputs: [a, b],
	add,
	constantOf,
	scalar,
}: ExpandContext): readonly string[] {
	const attrs = { T: node.attrs.T };
	const axis = scalar("int32", -1);
	const turn = (value: string, order: readonly number[]) =>
		add(
			"GatherV2",
			[value, constantOf(tensorFromNumbers("int32", [3], order)), axis],
			{
				Tparams: node.attrs.T,
				Tindices: "int32",
				Taxis: "int32",
				batch_dims: 0,
			},
		);
	const once = [1, 2, 0];
	const twice = [2, 0, 1];
	return [
		add(
			"Sub",
			[
				add("Mul", [turn(a, once), turn(b, twice)], attrs),
				add("Mul", [turn(a, twice), turn(b, once)], attrs),
			],
			attrs,
		),
	];
}
