import { fail } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import type { Layer } from "../model.js";
import { functionOf } from "./functions.js";
import type { Operation } from "./operands.js";
import { OPERATIONS } from "./table.js";

/** Classes of Keras 2 that stand for a function of TensorFlow. */
const FUNCTION_CLASSES = ["TFOpLambda", "SlicingOpLambda"];

export function isFunction(className: string): boolean {
	return FUNCTION_CLASSES.includes(className);
}

export function isOperation(className: string): boolean {
	return Object.hasOwn(OPERATIONS, className);
}

/** Fails with UNSUPPORTED, naming it, for one that is not in the table. */
export function operationOf(layer: Layer): Operation {
	const { className, name, module } = layer;
	if (isFunction(className)) return functionOf(layer);
	if (isOperation(className)) return OPERATIONS[className];
	throw fail(
		"UNSUPPORTED",
		`cannot export operation "${name}" (${module}.${className}): mlship does not know it; nearest are ${quoted(nearest(className, Object.keys(OPERATIONS)))}`,
		{ at: { layer: name, class: className } },
	);
}
