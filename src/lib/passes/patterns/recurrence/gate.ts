import type { ValueName } from "../../../graph/ir.js";
import { elementCount, type Tensor } from "../../../tensor/tensor.js";
import type { AffineSum, BodyView } from "./body.js";
import type { Gate } from "./cell.js";

/** The part of a sum that is x·W + b, or h·U + b: one product with its biases. */
export interface Product {
	readonly source: ValueName;
	readonly weights: Tensor;
	readonly bias: Tensor;
}

/** A sum of one product, with its biases added up. */
export function product({ terms, biases }: AffineSum): Product | undefined {
	if (terms.length !== 1) return undefined;
	const [{ source, weights }] = terms;
	const bias = total(biases, weights.shape[1]);
	return bias && { source, weights, bias };
}

/** A sum of two products: of the sequence's row and of the state. Biases are added to the first. */
export function rowAndState(
	view: BodyView,
	{ terms, biases }: AffineSum,
	state: ValueName,
):
	| {
			readonly row: Product;
			readonly state: Product;
			readonly sequence: ValueName;
	  }
	| undefined {
	const ofState = terms.find(({ source }) => source === state);
	const ofRow = terms.find(({ source }) => view.sequenceOf(source));
	const sequence = ofRow && view.sequenceOf(ofRow.source);
	const bias = ofRow && total(biases, ofRow.weights.shape[1]);
	if (
		terms.length !== 2 ||
		ofState === undefined ||
		ofRow === undefined ||
		sequence === undefined ||
		bias === undefined
	)
		return undefined;
	return {
		row: { ...ofRow, bias },
		state: { ...ofState, bias: zeros(bias.shape[0]) },
		sequence,
	};
}

/** Columns `from` to `to` of the weights of a row and of the state. */
export function gate(
	row: Product,
	state: Product,
	from: number,
	to: number,
): Gate {
	return {
		input: columns(row.weights, from, to),
		state: columns(state.weights, from, to),
		inputBias: columns(row.bias, from, to),
		stateBias: columns(state.bias, from, to),
	};
}

/** Columns of a matrix, or elements of a vector. */
export function columns(matrix: Tensor, from: number, to: number): Tensor {
	const width = matrix.shape[matrix.shape.length - 1];
	const rows = elementCount(matrix.shape) / width;
	const data = new Float32Array(rows * (to - from));
	const source = matrix.data as Float32Array;
	for (let row = 0; row < rows; row++)
		data.set(
			source.subarray(row * width + from, row * width + to),
			row * (to - from),
		);
	return {
		dtype: "float32",
		shape: [...matrix.shape.slice(0, -1), to - from],
		data,
	};
}

function total(biases: readonly Tensor[], width: number): Tensor | undefined {
	if (biases.some(({ shape }) => shape[0] !== width)) return undefined;
	const sum = zeros(width);
	for (const { data } of biases)
		for (const [i, value] of (data as Float32Array).entries())
			(sum.data as Float32Array)[i] += value;
	return sum;
}

function zeros(width: number): Tensor {
	return { dtype: "float32", shape: [width], data: new Float32Array(width) };
}
