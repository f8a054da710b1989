import { fail } from "../errors.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * Elements that no buffer can hold: tensor lists, ragged rows, tables, arrays of TensorFlow 1. Only host steps make and read
 * them; they live as long as a run, or as long as the session where a resource keeps them.
 */
export interface Opaque {
	readonly dtype: "variant" | "resource";
	readonly shape: readonly number[];
	/** Row-major, as in a tensor. */
	readonly items: readonly object[];
}

/** What flows between host steps. */
export type HostValue = Tensor | Opaque;

export function isOpaque(value: HostValue): value is Opaque {
	return "items" in value;
}

/** One opaque element, as a scalar. */
export function opaque(dtype: Opaque["dtype"], item: object): Opaque {
	return { dtype, shape: [], items: [item] };
}

/** The tensor that a value is. Fails with BUG for an opaque one: element types are settled before anything runs. */
export function tensorOf(value: HostValue): Tensor {
	if (isOpaque(value))
		throw fail("BUG", `a host step wants a tensor and got a ${value.dtype}`);
	return value;
}

/** A value as kernels see it: what moves elements about moves opaque ones too, as it does strings. */
export function elementsOf(value: HostValue): Tensor {
	if (!isOpaque(value)) return value;
	const { dtype, shape, items } = value;
	return { dtype, shape, data: items as readonly Uint8Array[] };
}

/** The opposite of `elementsOf`. */
export function asHostValue(tensor: Tensor): HostValue {
	const { dtype, shape } = tensor;
	return dtype === "variant" || dtype === "resource"
		? { dtype, shape, items: tensor.data as readonly Uint8Array[] }
		: tensor;
}

/** The first element of an opaque value, if it is of the wanted kind; fails with INVALID where another kind of handle came. */
export function itemOf<T extends object>(
	value: HostValue,
	kind: abstract new (...args: never[]) => T,
): T {
	const item = isOpaque(value) ? value.items[0] : undefined;
	if (item instanceof kind) return item;
	throw fail(
		"INVALID",
		`cannot use a ${isOpaque(value) ? (item?.constructor.name ?? "missing element") : value.dtype} as a ${kind.name}`,
	);
}
