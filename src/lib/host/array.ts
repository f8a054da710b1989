import type { arrayOps } from "../ops/array.js";
import { arrangementKernels } from "./array/arrangement.js";
import { creationKernels } from "./array/creation.js";
import { indexingKernels } from "./array/indexing.js";
import { joiningKernels } from "./array/joining.js";
import { paddingKernels } from "./array/padding.js";
import { scatteringKernels } from "./array/scattering.js";
import { shapeKernels } from "./array/shape.js";
import { slicingKernels } from "./array/slicing.js";
import { spaceKernels } from "./array/space.js";
import type { HostTable } from "./kernel.js";

export const arrayKernels: HostTable<typeof arrayOps> = {
	...shapeKernels,
	...arrangementKernels,
	...joiningKernels,
	...slicingKernels,
	...indexingKernels,
	...scatteringKernels,
	...creationKernels,
	...paddingKernels,
	...spaceKernels,
};
