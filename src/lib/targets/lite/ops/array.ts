import type { arrayOps } from "../../../ops/array.js";
import type { LiteTable } from "../lowering.js";
import { arrangementRows } from "./array/arrangement.js";
import { creationRows } from "./array/creation.js";
import { indexingRows } from "./array/indexing.js";
import { joiningRows } from "./array/joining.js";
import { paddingRows } from "./array/padding.js";
import { scatteringRows } from "./array/scattering.js";
import { shapeRows } from "./array/shape.js";
import { slicingRows } from "./array/slicing.js";
import { spaceRows } from "./array/space.js";

export const arrayRows: LiteTable<typeof arrayOps> = {
	...shapeRows,
	...arrangementRows,
	...joiningRows,
	...slicingRows,
	...indexingRows,
	...scatteringRows,
	...creationRows,
	...paddingRows,
	...spaceRows,
};
