import { fail } from "../../errors.js";
import { stringAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { DTYPES, type TypedArray } from "../../tensor/dtype.js";
import { longTensor } from "../../tensor/integers.js";
import { takeRows } from "../../tensor/row-copy.js";
import { joinRows } from "../../tensor/rows.js";
import { elementCount, showShape, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { coordinatesOf, placesOf, sparseOf } from "./coordinates.js";

/** The last axis of a tensor as sets: for each place along the other axes which of its values are there. */
interface Sets {
	readonly shape: readonly number[];
	readonly values: Tensor;
	/** By place; a place without values may be missing. */
	readonly groups: ReadonlyMap<number, readonly number[]>;
}

/** `DenseToDenseSetOperation` (kernels/set_kernels.cc): unions and differences of the rows of two tensors. */
export const denseToDenseSetOperation: HostKernel = (node, [a, b]) =>
	combined(node, denseSets(a), denseSets(b));

export const denseToSparseSetOperation: HostKernel = (node, inputs) =>
	combined(node, denseSets(inputs[0]), sparseSets(inputs.slice(1)));

export const sparseToSparseSetOperation: HostKernel = (node, inputs) =>
	combined(node, sparseSets(inputs), sparseSets(inputs.slice(3)));

/** `SetSize`: how many different values each row of a sparse tensor has. */
export const setSize: HostKernel = (_, inputs) => {
	const { shape, values, groups } = sparseSets(inputs);
	const keys = keysOf(values);
	const sizes = new Int32Array(elementCount(shape));
	for (const [place, rows] of groups)
		sizes[place] = new Set(rows.map((row) => keys[row])).size;
	return [{ dtype: "int32", shape, data: sizes }];
};

function denseSets(values: Tensor): Sets {
	if (values.shape.length < 2)
		throw fail(
			"INVALID",
			`cannot take a tensor of shape ${showShape(values.shape)} for sets: wanted two axes or more`,
		);
	const width = values.shape[values.shape.length - 1];
	const shape = values.shape.slice(0, -1);
	const groups = new Map(
		Array.from({ length: elementCount(shape) }, (_, place) => [
			place,
			Array.from({ length: width }, (_, i) => place * width + i),
		]),
	);
	const count = elementCount(values.shape);
	return { shape, values: { ...values, shape: [count] }, groups };
}

function sparseSets([indices, values, shapeTensor]: readonly Tensor[]): Sets {
	const sparse = sparseOf(indices, values, shapeTensor);
	if (sparse.rank < 2)
		throw fail(
			"INVALID",
			`cannot take a sparse tensor of shape ${showShape(sparse.shape)} for sets: wanted two axes or more`,
		);
	placesOf(sparse);
	const shape = sparse.shape.slice(0, -1);
	const places = placesOf(
		sparse,
		shape.map((_, axis) => axis),
	);
	const groups = new Map<number, number[]>();
	for (let row = 0; row < places.length; row++) {
		const rows = groups.get(places[row]);
		if (rows === undefined) groups.set(places[row], [row]);
		else rows.push(row);
	}
	return { shape, values, groups };
}

/** Whether a value goes into the result, by which of the two sets have it. */
const OPERATIONS: Readonly<
	Record<string, ((inA: boolean, inB: boolean) => boolean) | undefined>
> = {
	"a-b": (inA, inB) => inA && !inB,
	"b-a": (inA, inB) => inB && !inA,
	intersection: (inA, inB) => inA && inB,
	union: () => true,
};

function combined(node: Node, a: Sets, b: Sets): readonly Tensor[] {
	// TensorFlow takes the name in any case
	const name = stringAttr(node, "set_operation").toLowerCase();
	const isWanted = OPERATIONS[name];
	if (isWanted === undefined)
		throw fail(
			"INVALID",
			`cannot combine sets by "${name}": wanted ${Object.keys(OPERATIONS).join(", ")}`,
		);
	if (showShape(a.shape) !== showShape(b.shape))
		throw fail(
			"INVALID",
			`cannot combine sets of shapes ${showShape(a.shape)} and ${showShape(b.shape)}`,
		);
	const values = joinRows([a.values, b.values]);
	const keys = keysOf(values);
	const offset = a.values.shape[0];
	const rows: number[] = [];
	let widest = 0;
	const places = [...new Set([...a.groups.keys(), ...b.groups.keys()])].sort(
		(x, y) => x - y,
	);
	const found = places.map((place) => {
		const members = chosen(
			keys,
			a.groups.get(place) ?? [],
			(b.groups.get(place) ?? []).map((row) => row + offset),
			isWanted,
		);
		for (const row of members) rows.push(row);
		widest = Math.max(widest, members.length);
		return members.length;
	});
	const flat = places.flatMap((place, i) =>
		Array.from({ length: found[i] }, (_, k) => place * widest + k),
	);
	const shape = [...a.shape, widest];
	return [
		longTensor([flat.length, shape.length], coordinatesOf(flat, shape)),
		takeRows(values, rows),
		longTensor([shape.length], shape),
	];
}

/** A string or number for each value, equal for equal values. */
type Key = string | number | bigint;

function keysOf({ dtype, data }: Tensor): ArrayLike<Key> {
	if (DTYPES[dtype].kind !== "string") return data as TypedArray;
	// one character a byte: their order is that of the bytes
	return (data as readonly Uint8Array[]).map((bytes) =>
		Buffer.from(bytes).toString("latin1"),
	);
}

/** The rows of one set, each value once, in rising order. */
function chosen(
	keys: ArrayLike<Key>,
	a: readonly number[],
	b: readonly number[],
	isWanted: (inA: boolean, inB: boolean) => boolean,
): number[] {
	const inA = new Map(a.map((row) => [keys[row], row]));
	const inB = new Map(b.map((row) => [keys[row], row]));
	return [...new Map([...inA, ...inB])]
		.filter(([key]) => isWanted(inA.has(key), inB.has(key)))
		.sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0))
		.map(([, row]) => row);
}
