import { fail } from "../../errors.js";
import { boolAttr, dtypeAttr } from "../../graph/attrs.js";
import type { accessOps } from "../../ops/list/access.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { integers } from "../array/integers.js";
import { type HostFamily, step } from "../kernel.js";
import { type HostValue, opaque, tensorOf } from "../value.js";
import { PersistentArray } from "./persistent.js";
import {
	checkItem,
	givenShape,
	itemAt,
	listOf,
	TensorList,
} from "./tensor-list.js";

/** Lists made and read one element at a time (kernels/list_kernels.cc). */
export const accessKernels: HostFamily<typeof accessOps> = {
	EmptyTensorList: step((node, [shape, most]) => [
		opaque(
			"variant",
			new TensorList(
				dtypeAttr(node, "element_dtype"),
				givenShape(shape),
				PersistentArray.empty(0),
				integerOf(most),
			),
		),
	]),
	TensorListReserve: step((node, [shape, count]) => [
		opaque(
			"variant",
			new TensorList(
				dtypeAttr(node, "element_dtype"),
				givenShape(shape),
				PersistentArray.empty(sizeOf(count)),
			),
		),
	]),
	TensorListResize: step((_, [value, size]) => {
		const list = listOf(value);
		return [opaque("variant", list.with(list.items.resized(sizeOf(size))))];
	}),
	TensorListLength: step((_, [list]) => [
		tensorFromNumbers("int32", [], [listOf(list).items.size]),
	]),
	TensorListElementShape: step((node, [value]) => {
		const { shape } = listOf(value);
		const dtype = dtypeAttr(node, "shape_type");
		return [
			shape === undefined
				? tensorFromNumbers(dtype, [], [-1])
				: tensorFromNumbers(dtype, [shape.length], shape),
		];
	}),
	TensorListGetItem: step((_, [list, index, shape]) => [
		itemAt(listOf(list), integerOf(index), givenShape(shape)),
	]),
	TensorListSetItem: step((node, [value, index, item]) => {
		const list = listOf(value);
		const at = integerOf(index);
		const grows = boolAttr(node, "resize_if_index_out_of_bounds");
		if (at < 0 || (at >= list.items.size && !grows))
			throw fail(
				"INVALID",
				`cannot set element ${at} of a list of ${list.items.size}`,
			);
		const items =
			at < list.items.size ? list.items : list.items.resized(at + 1);
		return [opaque("variant", list.with(items.set(at, checkItem(list, item))))];
	}),
	TensorListPushBack: step((_, [list, item]) => [
		opaque("variant", pushed(listOf(list), item)),
	]),
	TensorListPopBack: step((_, [value, shape]) => {
		const list = listOf(value);
		const last = list.items.size - 1;
		if (last < 0)
			throw fail("INVALID", "cannot take the last element of an empty list");
		return [
			opaque("variant", list.with(list.items.resized(last))),
			itemAt(list, last, givenShape(shape)),
		];
	}),
};

/** The list with one item more. Fails with INVALID where it is full. */
export function pushed(list: TensorList, item: HostValue): TensorList {
	if (list.most >= 0 && list.items.size >= list.most)
		throw fail(
			"INVALID",
			`cannot push an element into a list of at most ${list.most}: it is full`,
		);
	return list.with(list.items.push(checkItem(list, item)));
}

function integerOf(value: HostValue): number {
	return integers(tensorOf(value))[0];
}

function sizeOf(value: HostValue): number {
	const size = integerOf(value);
	if (size >= 0) return size;
	throw fail("INVALID", `cannot make a list of ${size} elements`);
}
