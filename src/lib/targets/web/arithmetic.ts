import { fail, type MlshipError } from "../../errors.js";
import type { Node, ValueName } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import { numberTensor } from "../../tensor/numbers.js";
import type { WebContext, WebLowering, WebValue } from "./lowering.js";

/** An obstacle that a row finds. */
export function unfit(reason: string): MlshipError {
	return fail("UNSUPPORTED", reason);
}

/**
 * A row whose results may leave the range of its operands, and are right in their lowest bits all the same. Small integers
 * are brought back into their range; int64 is refused, which has more bits than TensorFlow.js, unless it counts or places
 * something: sizes and axes are small whatever is done to them.
 */
export function wraps(row: WebLowering): WebLowering {
	return (context) => {
		const { dtype } = context.outputs[0];
		if (dtype === "int64") requireSizes(context);
		const made = row(context);
		return SMALL[dtype] === undefined
			? made
			: [made].flat().map((value) => narrowed(context, value, dtype));
	};
}

/** A row whose results may leave the range of its operands with all their bits: refused but for floats and int32. */
export function grows(row: WebLowering): WebLowering {
	return (context) => {
		const { dtype } = context.outputs[0];
		if (dtype === "int64") requireSizes(context);
		if (SMALL[dtype] !== undefined)
			throw unfit(
				`TensorFlow.js would compute ${dtype} in 32 bits, where TensorFlow wraps around`,
			);
		return row(context);
	};
}

function requireSizes({ node, isSize, mayNarrow }: WebContext): void {
	if (!node.inputs.every((_, i) => isSize(i)) && !mayNarrow("int64"))
		throw unfit(
			"TensorFlow.js would compute int64 in 32 bits, where TensorFlow has 64",
		);
}

/** An int32 as the small integer that its lowest bits are. */
export function narrowed(
	{ emit, weight }: WebContext,
	value: WebValue,
	dtype: DType,
): WebValue {
	const small = SMALL[dtype];
	if (small === undefined) return value;
	const [count, below] = small.map((number) =>
		weight(numberTensor("int32", number)),
	);
	if (small[1] === 0) return emit("FloorMod", [value, count]);
	const shifted = emit("FloorMod", [emit("AddV2", [value, below]), count]);
	return emit("Sub", [shifted, below]);
}

/** How many values a type has, and how many of them are below zero. */
const SMALL: Readonly<
	Partial<Record<DType, readonly [count: number, below: number]>>
> = {
	int8: [2 ** 8, 2 ** 7],
	uint8: [2 ** 8, 0],
	int16: [2 ** 16, 2 ** 15],
	uint16: [2 ** 16, 0],
};

/** Whether a type has fewer bits than the int32 that it is held in. */
export function isSmall(dtype: DType): boolean {
	return SMALL[dtype] !== undefined;
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
