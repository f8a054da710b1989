import { fail } from "../../errors.js";
import { boolAttr, dtypeAttr, shapeAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { arrayOps } from "../../ops/list/array.js";
import { isStatic, mergeShapes } from "../../ops/shapes.js";
import type { DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { Shape } from "../../tensor/tensor.js";
import { integers } from "../array/integers.js";
import { type HostFamily, type HostStep, step } from "../kernel.js";
import { type HostValue, itemOf, opaque, tensorOf } from "../value.js";
import { splitRows } from "./joining.js";
import { concatenated, rowsOf, stacked, zeros } from "./rows.js";
import { agreedShape } from "./tensor-list.js";

/**
 * TensorFlow 1's array of tensors (kernels/tensor_array.h): it changes in place, and the `flow` that each operation passes on
 * brings them into their order. Lives as long as a run.
 */
class TensorArray {
	readonly dtype: DType;
	readonly #items: (HostValue | undefined)[];
	readonly #grows: boolean;
	/** Whether all items have the shape of the first that is written. */
	readonly #isUniform: boolean;
	#shape: Shape;

	constructor(node: Node, size: number) {
		this.dtype = dtypeAttr(node, "dtype");
		this.#shape = shapeAttr(node, "element_shape");
		this.#items = new Array(size);
		this.#grows = boolAttr(node, "dynamic_size");
		this.#isUniform = node.attrs.identical_element_shapes === true;
	}

	/** What is known of the items' shape. */
	get shape(): Shape {
		return this.#shape;
	}

	get size(): number {
		return this.#items.length;
	}

	/** An item, or zeros where none was written and the shape is known. */
	read(index: number): HostValue {
		this.#check(index, "read", this.size);
		const item = this.#items[index];
		if (item !== undefined) return item;
		if (isStatic(this.#shape)) return zeros(this.dtype, this.#shape);
		throw fail(
			"INVALID",
			`cannot read element ${index} of an array: it was not written`,
		);
	}

	write(index: number, item: HostValue): void {
		this.#check(index, "write", this.#grows ? Infinity : this.size);
		if (item.dtype !== this.dtype)
			throw fail(
				"INVALID",
				`cannot write a ${item.dtype} tensor into an array of ${this.dtype}`,
			);
		const shape = mergeShapes(this.#shape, item.shape);
		if (this.#isUniform) this.#shape = shape;
		while (this.#items.length < index) this.#items.push(undefined);
		this.#items[index] = item;
	}

	/** The shape of the items, known from now on. */
	agree(shape: Shape): Shape {
		this.#shape = mergeShapes(this.#shape, shape);
		return this.#shape;
	}

	#check(index: number, verb: string, size: number): void {
		if (index >= 0 && index < size) return;
		throw fail(
			"INVALID",
			`cannot ${verb} element ${index} of an array of ${this.size}`,
		);
	}
}

const made: HostStep = (node, [size]) => {
	const count = integerOf(size);
	if (count < 0) throw fail("INVALID", `cannot make an array of size ${count}`);
	return [opaque("resource", new TensorArray(node, count)), FLOW];
};

const FLOW = tensorFromNumbers("float32", [], [0]);

const write: HostStep = (_, [handle, index, item, flow]) => {
	arrayOf(handle).write(integerOf(index), item);
	return [flow];
};

const read: HostStep = (_, [handle, index]) => [
	arrayOf(handle).read(integerOf(index)),
];

const gather: HostStep = (node, [handle, indices]) => [
	gathered(
		arrayOf(handle),
		integers(tensorOf(indices)),
		shapeAttr(node, "element_shape"),
	),
];

const pack: HostStep = (node, [handle]) => {
	const array = arrayOf(handle);
	const all = Array.from({ length: array.size }, (_, i) => i);
	return [gathered(array, all, shapeAttr(node, "element_shape"))];
};

const scatter: HostStep = (_, [handle, indices, value, flow]) => {
	const places = integers(tensorOf(indices));
	const rows = value.shape.length === 0 ? [] : rowsOf(value);
	if (rows.length !== places.length)
		throw fail(
			"INVALID",
			`cannot scatter ${rows.length} rows to ${places.length} elements of an array`,
		);
	const array = arrayOf(handle);
	for (const [i, at] of places.entries()) array.write(at, rows[i]);
	return [flow];
};

const unpack: HostStep = (_, [handle, value, flow]) => {
	const array = arrayOf(handle);
	for (const [i, row] of rowsOf(value).entries()) array.write(i, row);
	return [flow];
};

const split: HostStep = (_, [handle, value, lengths, flow]) => {
	const array = arrayOf(handle);
	const parts = splitRows(value, integers(tensorOf(lengths)));
	for (const [i, part] of parts.entries()) array.write(i, part);
	return [flow];
};

/** All rows of all items, and how many each has. */
const concat: HostStep = (node, [handle]) => {
	const array = arrayOf(handle);
	const items = Array.from({ length: array.size }, (_, i) => array.read(i));
	if (items.some(({ shape }) => shape.length === 0))
		throw fail("INVALID", "cannot concatenate scalars: they have no rows");
	const row = agreedShape("concatenate", [
		...items.map(({ shape }) => shape.slice(1)),
		array.shape?.slice(1),
		shapeAttr(node, "element_shape_except0"),
	]);
	const lengths = items.map(({ shape }) => shape[0]);
	return [
		concatenated(items, array.dtype, row),
		tensorFromNumbers("int64", [items.length], lengths),
	];
};

const size: HostStep = (_, [handle]) => [
	tensorFromNumbers("int32", [], [arrayOf(handle).size]),
];

/** Arrays go when their run ends. */
const close: HostStep = () => [];

/** The versions differ in what a handle is: a reference, a name, a resource. */
export const arrayKernels: HostFamily<typeof arrayOps> = {
	TensorArray: step(made),
	TensorArrayV2: step(made),
	TensorArrayV3: step(made),
	TensorArrayWrite: step(write),
	TensorArrayWriteV2: step(write),
	TensorArrayWriteV3: step(write),
	TensorArrayRead: step(read),
	TensorArrayReadV2: step(read),
	TensorArrayReadV3: step(read),
	TensorArrayGather: step(gather),
	TensorArrayGatherV2: step(gather),
	TensorArrayGatherV3: step(gather),
	TensorArrayPack: step(pack),
	TensorArrayScatter: step(scatter),
	TensorArrayScatterV2: step(scatter),
	TensorArrayScatterV3: step(scatter),
	TensorArrayUnpack: step(unpack),
	TensorArraySplit: step(split),
	TensorArraySplitV2: step(split),
	TensorArraySplitV3: step(split),
	TensorArrayConcat: step(concat),
	TensorArrayConcatV2: step(concat),
	TensorArrayConcatV3: step(concat),
	TensorArraySize: step(size),
	TensorArraySizeV2: step(size),
	TensorArraySizeV3: step(size),
	TensorArrayClose: step(close),
	TensorArrayCloseV2: step(close),
	TensorArrayCloseV3: step(close),
};

function gathered(
	array: TensorArray,
	indices: readonly number[],
	wanted: Shape,
): HostValue {
	const declared = array.agree(wanted);
	const items = indices.map((index) => array.read(index));
	const shape = agreedShape("gather", [
		declared,
		...items.map((item) => item.shape),
	]);
	return stacked(items, array.dtype, shape);
}

function arrayOf(handle: HostValue): TensorArray {
	return itemOf(handle, TensorArray);
}

function integerOf(value: HostValue): number {
	return integers(tensorOf(value))[0];
}
