import { type OpEntry, primitive } from "../define.js";
import { sameType } from "../math/unary.js";

/** Generators whose state is a variable: a Program has the state as a value, and skips numbers by making the next one. */
export const generatorOps = {
	RngSkip: primitive(sameType),
} as const satisfies Record<string, OpEntry>;
