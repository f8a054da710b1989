import type { ComplexRule } from "./context.js";
import { complexElementwise } from "./elementwise.js";
import { complexFourier } from "./fourier.js";
import { complexMovement } from "./movement.js";
import { complexParts } from "./parts.js";
import { complexProducts } from "./products.js";

/** THE table of what ops do with complex numbers, said in real ones. */
export const COMPLEX_RULES: Readonly<Record<string, ComplexRule | undefined>> =
	{
		...complexMovement,
		...complexParts,
		...complexElementwise,
		...complexProducts,
		...complexFourier,
	};
