import type { Attr, Attrs, ValueName } from "../../graph/ir.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";

/** The parts of a complex value. */
export interface Pair {
	readonly re: ValueName;
	readonly im: ValueName;
}

export function isComplex(dtype: DType): boolean {
	return DTYPES[dtype].kind === "complex";
}

/** The type of the parts; a real type's own. */
export function partType(dtype: DType): DType {
	if (dtype === "complex64") return "float32";
	return dtype === "complex128" ? "float64" : dtype;
}

/** Attributes of a node for its parts: element types that are complex become those of the parts. */
export function partAttrs(attrs: Attrs): Attrs {
	return Object.fromEntries(
		Object.entries(attrs).map(([name, attr]) => [name, partAttr(attr)]),
	);
}

function partAttr(attr: Attr): Attr {
	if (attr === "complex64" || attr === "complex128") return partType(attr);
	return Array.isArray(attr) ? attr.map(partAttr) : attr;
}
