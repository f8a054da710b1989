import type { mathOps } from "../ops/math.js";
import type { HostTable } from "./kernel.js";
import { arithmeticKernels } from "./math/arithmetic.js";
import { choiceKernels } from "./math/choice.js";
import { conversionKernels } from "./math/conversion.js";
import { activationKernels, functionKernels } from "./math/functions.js";

export const mathKernels: HostTable<typeof mathOps> = {
	...functionKernels,
	...arithmeticKernels,
	...choiceKernels,
	...activationKernels,
	...conversionKernels,
};
