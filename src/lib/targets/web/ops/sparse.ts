import type { sparseOps } from "../../../ops/sparse.js";
import type { WebTable } from "../lowering.js";
import { same } from "./rows.js";

export const sparseRows: WebTable<typeof sparseOps> = {
	SparseFillEmptyRows: same(),
	SparseReshape: same(),
};
