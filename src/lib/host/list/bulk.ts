import { fail } from "../../errors.js";
import { dtypeAttr, intAttr } from "../../graph/attrs.js";
import type { bulkOps } from "../../ops/list/bulk.js";
import { mergeShapes } from "../../ops/shapes.js";
import { type Shape, showShape } from "../../tensor/tensor.js";
import { integers } from "../array/integers.js";
import { type HostFamily, step } from "../kernel.js";
import { type HostValue, isOpaque, opaque, tensorOf } from "../value.js";
import { pushed } from "./access.js";
import { PersistentArray } from "./persistent.js";
import { rowsOf, stacked, zeros } from "./rows.js";
import {
	agreedShape,
	checkItem,
	fullList,
	givenShape,
	listOf,
	shapesOf,
	TensorList,
} from "./tensor-list.js";

/** Lists from whole tensors and back (kernels/list_kernels.h). */
export const bulkKernels: HostFamily<typeof bulkOps> = {
	TensorListFromTensor: step((_, [value, shape]) => [
		fullList(value.dtype, givenShape(shape), fittingRows(value, shape)),
	]),
	TensorListStack: step((node, [value, shape]) => {
		const list = listOf(value);
		const wanted = intAttr(node, "num_elements");
		if (wanted >= 0 && wanted !== list.items.size)
			throw fail(
				"INVALID",
				`cannot stack a list of ${list.items.size} elements: wanted ${wanted}`,
			);
		const items = list.items.toArray();
		return [stackedItems(list, items, givenShape(shape), "stack")];
	}),
	TensorListGather: step((_, [value, indices, shape]) => {
		const list = listOf(value);
		const items = integers(tensorOf(indices)).map((index) => {
			if (index >= 0 && index < list.items.size) return list.items.get(index);
			throw fail(
				"INVALID",
				`cannot gather element ${index} of a list of ${list.items.size}`,
			);
		});
		return [stackedItems(list, items, givenShape(shape), "gather")];
	}),
	TensorListScatter: step((_, [value, indices, shape]) => [
		scattered(value, indices, emptyLike(value, shape), -1),
	]),
	TensorListScatterV2: step((_, [value, indices, shape, count]) => [
		scattered(
			value,
			indices,
			emptyLike(value, shape),
			integers(tensorOf(count))[0],
		),
	]),
	TensorListScatterIntoExistingList: step((_, [list, value, indices]) => [
		scattered(value, indices, listOf(list), -1),
	]),
	TensorListConcatLists: step((node, [a, b]) => {
		const dtype = dtypeAttr(node, "element_dtype");
		const others = isOpaque(b) ? b.items : [];
		if (!isOpaque(a) || a.items.length !== others.length)
			throw fail(
				"INVALID",
				`cannot concatenate lists of shapes ${showShape(a.shape)} and ${showShape(b.shape)}`,
			);
		const lists = a.items.map((item, i) =>
			bothLists(
				listOf({ ...a, items: [item] }),
				listOf({ ...a, items: [others[i]] }),
			),
		);
		if (lists.some((list) => list.dtype !== dtype))
			throw fail("INVALID", `cannot concatenate lists of other than ${dtype}`);
		return [{ ...a, items: lists }];
	}),
	TensorListPushBackBatch: step((_, [lists, value]) => {
		const rows = value.shape.length === 0 ? [] : rowsOf(value);
		if (!isOpaque(lists) || lists.items.length !== rows.length)
			throw fail(
				"INVALID",
				`cannot push a tensor of shape ${showShape(value.shape)} into lists of shape ${showShape(lists.shape)}: wanted one row a list`,
			);
		const items = lists.items.map((item, i) =>
			pushed(listOf({ ...lists, items: [item] }), rows[i]),
		);
		return [{ ...lists, items }];
	}),
};

/** Unset items are zeros. */
function stackedItems(
	list: TensorList,
	items: readonly (HostValue | undefined)[],
	wanted: Shape,
	verb: string,
): HostValue {
	const { dtype } = list;
	const shape = agreedShape(verb, [wanted, list.shape, ...shapesOf(items)]);
	const unset = items.includes(undefined) ? zeros(dtype, shape) : undefined;
	return stacked(
		items.map((item) => item ?? (unset as HostValue)),
		dtype,
		shape,
	);
}

/** The rows of a tensor, where they may be elements of a list of that shape. */
function fittingRows(value: HostValue, shape: HostValue): HostValue[] {
	if (value.shape.length === 0)
		throw fail("INVALID", "cannot make a list of a scalar: it has no rows");
	mergeShapes(givenShape(shape), value.shape.slice(1));
	return rowsOf(value);
}

function emptyLike({ dtype }: HostValue, shape: HostValue): TensorList {
	return new TensorList(dtype, givenShape(shape), PersistentArray.empty(0));
}

/** The rows of a tensor at their indices in a list, which grows to `size`, or to the highest index where that is -1. */
function scattered(
	value: HostValue,
	indices: HostValue,
	list: TensorList,
	size: number,
): HostValue {
	const places = integers(tensorOf(indices));
	const rows = value.shape.length === 0 ? [] : rowsOf(value);
	if (places.length !== rows.length)
		throw fail(
			"INVALID",
			`cannot scatter a tensor of shape ${showShape(value.shape)} to ${places.length} indices`,
		);
	const highest = places.reduce((a, b) => Math.max(a, b), -1);
	if (
		size < -1 ||
		(size >= 0 && highest >= size) ||
		places.some((at) => at < 0)
	)
		throw fail(
			"INVALID",
			`cannot scatter to indices ${places.join(", ")} of a list of ${size < 0 ? "any size" : size}`,
		);
	const items = list.items
		.resized(Math.max(list.items.size, size, highest + 1))
		.toArray();
	for (const [i, at] of places.entries()) items[at] = checkItem(list, rows[i]);
	return opaque("variant", list.with(PersistentArray.of(items)));
}

function bothLists(a: TensorList, b: TensorList): TensorList {
	if (a.dtype !== b.dtype || showShape(a.shape) !== showShape(b.shape))
		throw fail(
			"INVALID",
			`cannot concatenate lists of ${a.dtype} ${showShape(a.shape)} and ${b.dtype} ${showShape(b.shape)}`,
		);
	const items = [...a.items.toArray(), ...b.items.toArray()];
	return new TensorList(a.dtype, a.shape, PersistentArray.of(items));
}
