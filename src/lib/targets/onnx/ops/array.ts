import type { arrayOps } from "../../../ops/array.js";
import type { LoweringTable } from "../lowering.js";
import { arrangementLowerings } from "./array/arrangement.js";
import { creationLowerings } from "./array/creation.js";
import { indexingLowerings } from "./array/indexing.js";
import { joiningLowerings } from "./array/joining.js";
import { paddingLowerings } from "./array/padding.js";
import { scatteringLowerings } from "./array/scattering.js";
import { shapeLowerings } from "./array/shape.js";
import { slicingLowerings } from "./array/slicing.js";
import { spaceLowerings } from "./array/space.js";

export const arrayLowerings: LoweringTable<typeof arrayOps> = {
	...shapeLowerings,
	...arrangementLowerings,
	...joiningLowerings,
	...slicingLowerings,
	...indexingLowerings,
	...scatteringLowerings,
	...creationLowerings,
	...paddingLowerings,
	...spaceLowerings,
};
