import { ARRANGEMENTS } from "./arrangement.js";
import { COMPOSED } from "./composed.js";
import { ELEMENTWISE } from "./elementwise.js";
import { LAYOUTS } from "./layout.js";
import type { Operation } from "./operands.js";
import { ORDERINGS } from "./ordering.js";
import { PICTURES } from "./pictures.js";
import { PRODUCTS } from "./products.js";
import { REDUCTIONS } from "./reduction.js";

/** THE table of operations of `keras.ops` that stand among the layers of a functional model. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
	...ELEMENTWISE,
	...COMPOSED,
	...REDUCTIONS,
	...ARRANGEMENTS,
	...LAYOUTS,
	...ORDERINGS,
	...PRODUCTS,
	...PICTURES,
};
