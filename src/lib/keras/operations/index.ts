import { fail } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import type { Layer } from "../model.js";
import { ARRANGEMENTS } from "./arrangement.js";
import { ELEMENTWISE } from "./elementwise.js";
import type { Operation } from "./operands.js";
import { REDUCTIONS } from "./reduction.js";

/** THE table of operations of `keras.ops` that stand among the layers of a functional model. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
	...ELEMENTWISE,
	...REDUCTIONS,
	...ARRANGEMENTS,
};

export function isOperation(className: string): boolean {
	return Object.hasOwn(OPERATIONS, className);
}

/** Fails with UNSUPPORTED, naming it, for one that is not in the table. */
export function operationOf({ className, name, module }: Layer): Operation {
	if (Object.hasOwn(OPERATIONS, className)) return OPERATIONS[className];
	throw fail(
		"UNSUPPORTED",
		`cannot export operation "${name}" (${module}.${className}): mlship does not know it; nearest are ${quoted(nearest(className, Object.keys(OPERATIONS)))}`,
		{ at: { layer: name, class: className } },
	);
}
