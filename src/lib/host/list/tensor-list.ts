import { fail } from "../../errors.js";
import { isStatic, mergeShapes } from "../../ops/shapes.js";
import type { DType } from "../../tensor/dtype.js";
import { type Shape, showShape } from "../../tensor/tensor.js";
import { integers } from "../array/integers.js";
import { type HostValue, itemOf, opaque, tensorOf } from "../value.js";
import { PersistentArray } from "./persistent.js";
import { zeros } from "./rows.js";

/** TensorFlow's list of tensors (kernels/tensor_list.h): a value, of which every operation makes a new one. */
export class TensorList {
	readonly dtype: DType;
	/** What every element's shape agrees with. */
	readonly shape: Shape;
	readonly items: PersistentArray<HostValue>;
	/** How many items may be pushed; -1 for any number. */
	readonly most: number;

	constructor(
		dtype: DType,
		shape: Shape,
		items: PersistentArray<HostValue>,
		most = -1,
	) {
		this.dtype = dtype;
		this.shape = shape;
		this.items = items;
		this.most = most;
	}

	/** The same kind of list with other items. */
	with(items: PersistentArray<HostValue>): TensorList {
		return new TensorList(this.dtype, this.shape, items, this.most);
	}
}

export function listOf(value: HostValue): TensorList {
	return itemOf(value, TensorList);
}

/** A list whose elements all are set. */
export function fullList(
	dtype: DType,
	shape: Shape,
	items: readonly HostValue[],
): HostValue {
	return opaque(
		"variant",
		new TensorList(dtype, shape, PersistentArray.of(items)),
	);
}

/** The shape that an `element_shape` input gives: a vector of sizes, or the scalar -1 for any. */
export function givenShape(value: HostValue): Shape {
	const sizes = integers(tensorOf(value));
	if (value.shape.length > 0) return sizes;
	if (sizes[0] === -1) return undefined;
	throw fail(
		"INVALID",
		`cannot read an element shape: found the scalar ${sizes[0]}, wanted sizes or -1`,
	);
}

/** An item, or the zeros that an unset one stands for; their shape is what `wanted`, the list and its other items say. */
export function itemAt(
	list: TensorList,
	index: number,
	wanted: Shape,
): HostValue {
	const { items, dtype } = list;
	if (index < 0 || index >= items.size)
		throw fail(
			"INVALID",
			`cannot read element ${index} of a list of ${items.size}`,
		);
	return (
		items.get(index) ??
		zeros(
			dtype,
			agreedShape("read", [wanted, list.shape, ...shapesOf(items.toArray())]),
		)
	);
}

/**
 * The one shape that all of these agree on: what the caller wants, what the list declares, what its set items have.
 * Fails with INVALID where they contradict each other or leave a size open.
 */
export function agreedShape(
	verb: string,
	shapes: readonly Shape[],
): readonly number[] {
	let agreed: Shape;
	for (const shape of shapes) {
		agreed = mergeShapes(agreed, shape);
		if (isStatic(agreed)) return agreed;
	}
	throw fail(
		"INVALID",
		`cannot ${verb} elements of a list: their shape ${showShape(agreed)} is not fully known, and none is set`,
	);
}

export function shapesOf(items: readonly (HostValue | undefined)[]): Shape[] {
	return items.map((item) => item?.shape);
}

/** Fails with INVALID unless a tensor may be an element of the list. */
export function checkItem(list: TensorList, item: HostValue): HostValue {
	if (item.dtype !== list.dtype)
		throw fail(
			"INVALID",
			`cannot put a ${item.dtype} tensor into a list of ${list.dtype}`,
		);
	mergeShapes(list.shape, item.shape);
	return item;
}
