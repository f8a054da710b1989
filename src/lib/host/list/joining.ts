import { fail } from "../../errors.js";
import { shapeAttr } from "../../graph/attrs.js";
import type { joiningOps } from "../../ops/list/joining.js";
import { mergeShapes } from "../../ops/shapes.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { type Shape, showShape } from "../../tensor/tensor.js";
import { integers } from "../array/integers.js";
import { type HostFamily, step } from "../kernel.js";
import { type HostValue, tensorOf } from "../value.js";
import { concatenated, rowRange, zeros } from "./rows.js";
import {
	agreedShape,
	fullList,
	givenShape,
	listOf,
	shapesOf,
	type TensorList,
} from "./tensor-list.js";

/** Elements of different lengths as the parts of one tensor (kernels/list_kernels.h, TensorListConcat and TensorListSplit). */
export const joiningKernels: HostFamily<typeof joiningOps> = {
	TensorListConcat: step((node, [list]) =>
		joinedItems(listOf(list), anyLength(shapeAttr(node, "element_shape")), []),
	),
	TensorListConcatV2: step((_, [value, shape, lengths]) =>
		joinedItems(listOf(value), givenShape(shape), integers(tensorOf(lengths))),
	),
	TensorListSplit: step((_, [value, shape, lengths]) => {
		const wanted = givenShape(shape);
		const parts = splitRows(value, integers(tensorOf(lengths)));
		mergeShapes(wanted, [-1, ...value.shape.slice(1)]);
		return [fullList(value.dtype, wanted, parts)];
	}),
};

/** Rows in parts of these lengths. Fails with INVALID unless they use all rows. */
export function splitRows(
	value: HostValue,
	lengths: readonly number[],
): HostValue[] {
	const rows = value.shape[0] ?? -1;
	const total = lengths.reduce((sum, length) => sum + length, 0);
	if (total !== rows || lengths.some((length) => length < 0))
		throw fail(
			"INVALID",
			`cannot split a tensor of shape ${showShape(value.shape)} into lengths ${lengths.join(", ")}`,
		);
	let at = 0;
	return lengths.map((length) => {
		at += length;
		return rowRange(value, at - length, at);
	});
}

/** The first version of the operation looks at rows alone. */
function anyLength(shape: Shape): Shape {
	return shape === undefined || shape.length === 0 ? shape : shape.with(0, -1);
}

/** All rows and how many each element gave. `lengths` are those of unset elements, where they have not all the same. */
function joinedItems(
	list: TensorList,
	wanted: Shape,
	lengths: readonly number[],
): HostValue[] {
	const items = list.items.toArray();
	const declared = mergeShapes(wanted, list.shape);
	const shapes = [declared, ...shapesOf(items)];
	if (shapes.some((shape) => shape?.length === 0))
		throw fail("INVALID", "cannot concatenate scalars: they have no rows");
	const row = agreedShape(
		"concatenate",
		shapes.map((shape) => shape?.slice(1)),
	);
	const usual = usualLength(declared?.[0] ?? -1, items);
	const parts = items.map((item, i) => {
		if (item !== undefined) return item;
		const length = lengths.length > 0 ? (lengths[i] ?? usual) : usual;
		if (length !== undefined) return zeros(list.dtype, [length, ...row]);
		throw fail(
			"INVALID",
			`cannot concatenate a list: its element ${i} is not set, and nothing says how long it is`,
		);
	});
	return [
		concatenated(parts, list.dtype, row),
		tensorFromNumbers(
			"int64",
			[parts.length],
			parts.map(({ shape }) => shape[0]),
		),
	];
}

/** The length of elements that are not set: as declared, or as all others have. */
function usualLength(
	declared: number,
	items: readonly (HostValue | undefined)[],
): number | undefined {
	const set = items.filter((item) => item !== undefined);
	const lengths = new Set(set.map(({ shape }) => shape[0]));
	if (declared < 0) return lengths.size === 1 ? [...lengths][0] : undefined;
	for (const length of lengths)
		if (length !== declared)
			throw fail(
				"INVALID",
				`cannot concatenate an element of length ${length}: wanted ${declared}`,
			);
	return declared;
}
