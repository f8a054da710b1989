import { fail, type MlshipError } from "../../errors.js";
import type { Node, ValueName } from "../../graph/ir.js";
import { DTYPES } from "../../tensor/dtype.js";
import type { WebContext, WebLowering } from "./lowering.js";

/** An obstacle that a row finds. */
export function unfit(reason: string): MlshipError {
	return fail("UNSUPPORTED", reason);
}

/**
 * A row whose results may leave the range of its operands: refused for integers that TensorFlow.js holds in 32 bits and
 * TensorFlow in more or fewer, where the one wraps around and the other does not. Sizes and axes are small whatever is done
 * to them.
 */
export function wraps(row: WebLowering): WebLowering {
	return (context) => {
		requireFloatOrInt32(context);
		return row(context);
	};
}

export function requireFloatOrInt32({
	node,
	outputs,
	isSize,
}: WebContext): void {
	const { dtype } = outputs[0];
	const { kind } = DTYPES[dtype];
	if (dtype === "int32" || (kind !== "int" && kind !== "bigint")) return;
	if (dtype === "int64" && node.inputs.every((_, i) => isSize(i))) return;
	throw unfit(
		`TensorFlow.js would compute ${dtype} in 32 bits, where TensorFlow ${dtype === "int64" ? "has 64" : "wraps around"}`,
	);
}

/** Ops that say how large something is, or where it is. */
const MEASURES: ReadonlySet<string> = new Set([
	"Shape",
	"ShapeN",
	"Size",
	"Rank",
]);

/** Whether the outputs of a node are sizes, places and what is computed from them. */
export function hasSmallValues(
	{ op, inputs }: Node,
	isSmall: (input: ValueName) => boolean,
): boolean {
	return MEASURES.has(op) || (inputs.length > 0 && inputs.every(isSmall));
}

/** What TensorFlow.js's JavaScript kernels do with complex numbers. */
const COMPLEX: ReadonlySet<string> = new Set([
	"Add",
	"AddV2",
	"Angle",
	"Complex",
	"ComplexAbs",
	"Conj",
	"ExpandDims",
	"Identity",
	"IdentityN",
	"Imag",
	"Mul",
	"Real",
	"Reshape",
	"Squeeze",
	"Sub",
]);

export function takesComplex(op: string): boolean {
	return COMPLEX.has(op);
}
