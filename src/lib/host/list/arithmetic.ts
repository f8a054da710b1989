import { fail } from "../../errors.js";
import type { Node } from "../../graph/ir.js";
import { type HostRow, type HostStep, step } from "../kernel.js";
import { arithmeticKernels } from "../math/arithmetic.js";
import { type HostValue, isOpaque, opaque, tensorOf } from "../value.js";
import { PersistentArray } from "./persistent.js";
import { zeros } from "./rows.js";
import { listOf, type TensorList } from "./tensor-list.js";

/** Lists that are added item by item, as gradients of loops are (kernels/tensor_list.h, TensorListBinaryAdd). */
const addN: HostStep = (node, lists) => [
	lists.reduce((a, b) => opaque("variant", sum(node, listOf(a), listOf(b)))),
];

/** A list of as many zeros. Places that nobody set stay so. */
const zerosLike: HostStep = (_, [value]) => {
	const list = listOf(value);
	const items = list.items
		.toArray()
		.map((item) => item && zeros(item.dtype, item.shape));
	return [opaque("variant", list.with(PersistentArray.of(items)))];
};

/** Ops of other families that take lists too: consulted first where an input of a node is a variant. */
export const listArithmetic: Readonly<Record<string, HostRow | undefined>> = {
	AddN: step(addN),
	ZerosLike: step(zerosLike),
};

function sum(node: Node, a: TensorList, b: TensorList): TensorList {
	if (a.items.size !== b.items.size)
		throw fail(
			"INVALID",
			`cannot add lists of different lengths: ${a.items.size} and ${b.items.size}`,
		);
	const items = a.items.toArray().map((item, i) => {
		const other = b.items.get(i);
		if (item === undefined || other === undefined) return item ?? other;
		return added(node, item, other);
	});
	return a.with(PersistentArray.of(items));
}

/** Items are tensors, or lists again where loops lie within one another. */
function added(node: Node, a: HostValue, b: HostValue): HostValue {
	if (isOpaque(a)) return opaque("variant", sum(node, listOf(a), listOf(b)));
	const kernel = arithmeticKernels.AddN;
	const made =
		typeof kernel === "function" ? kernel(node, [a, tensorOf(b)]) : undefined;
	if (made === undefined)
		throw fail("UNSUPPORTED", `cannot add items of ${a.dtype}`);
	return made[0];
}
