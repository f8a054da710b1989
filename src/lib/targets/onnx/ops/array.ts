import type { arrayOps } from "../../../ops/array.js";
import type { LoweringTable } from "../lowering.js";
import { arrangementLowerings } from "./array/arrangement.js";
import { creationLowerings } from "./array/creation.js";
import { indexingLowerings } from "./array/indexing.js";
import { shapeLowerings } from "./array/shape.js";
import { spaceLowerings } from "./array/space.js";

export const arrayLowerings: LoweringTable<typeof arrayOps> = {
	...shapeLowerings,
	...arrangementLowerings,
	...indexingLowerings,
	...creationLowerings,
	...spaceLowerings,
};
