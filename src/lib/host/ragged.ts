import type { raggedOps } from "../ops/ragged.js";
import { type HostFamily, step } from "./kernel.js";
import { raggedTensorToTensor } from "./ragged/dense.js";
import { raggedRange } from "./ragged/range.js";
import {
	raggedFillEmptyRows,
	raggedGather,
	raggedTensorToSparse,
} from "./ragged/rows.js";
import {
	raggedTensorFromVariant,
	raggedTensorToVariant,
} from "./ragged/variant.js";

export const raggedKernels: HostFamily<typeof raggedOps> = {
	RaggedTensorToTensor: raggedTensorToTensor,
	RaggedTensorToSparse: raggedTensorToSparse,
	RaggedTensorToVariant: step(raggedTensorToVariant),
	RaggedTensorFromVariant: step(raggedTensorFromVariant),
	RaggedRange: raggedRange,
	RaggedGather: raggedGather,
	RaggedFillEmptyRows: raggedFillEmptyRows,
};
