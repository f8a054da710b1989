import type { listOps } from "../../../ops/list.js";
import { unsupported, type WebTable } from "../lowering.js";

/** graph_executor.ts disposes of every tensor of a body that is not an output, kept by a list or not. */
const freed = unsupported(
	"TensorFlow.js 4.22 frees what the body of a loop puts into a list",
);

export const listRows: WebTable<typeof listOps> = {
	EmptyTensorList: freed,
	TensorListReserve: freed,
	TensorListResize: freed,
	TensorListSetItem: freed,
	TensorListGetItem: freed,
	TensorListPushBack: freed,
	TensorListPopBack: freed,
	TensorListLength: freed,
	TensorListFromTensor: freed,
	TensorListScatterV2: freed,
	TensorListStack: freed,
	TensorListGather: freed,
};
