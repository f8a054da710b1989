import type { LiteOp } from "../../lite/schema.js";
import type { DType } from "../../tensor/dtype.js";
import { kernelType } from "./kernels.js";
import type {
	AnyOptions,
	LiteContext,
	LiteResult,
	LiteValue,
} from "./lowering.js";
import { MOVES, placed } from "./moves.js";
import { ORDERED, ordered } from "./unsigned.js";

type Detour = (
	context: LiteContext,
	op: LiteOp,
	inputs: readonly (LiteValue | undefined)[],
	results: readonly LiteResult[],
	options?: AnyOptions,
) => readonly LiteValue[];

/** How an operator is computed for a type that it has no kernel for, where a cast alone does not do. */
export function detourOf(op: LiteOp, dtype: DType): Detour | undefined {
	if (dtype === "uint64" && ORDERED.has(op)) return ordered;
	const lacks = kernelType(op, dtype) === undefined;
	return lacks && op in MOVES && kernelType("GATHER", dtype) !== undefined
		? placed
		: undefined;
}
