import { dtypeAttr, dtypesAttr } from "../../graph/attrs.js";
import { type OpEntry, primitive } from "../define.js";

const handle = primitive(() => [{ dtype: "resource", shape: [] }]);
const nothing = primitive(() => []);
const size = primitive(() => [{ dtype: "int32", shape: [] }]);
const isClosed = primitive(() => [{ dtype: "bool", shape: [] }]);
const push = primitive(({ inputs }) => [inputs[1]]);

const pop = primitive(({ node }) => [
	{ dtype: dtypeAttr(node, "elem_type"), shape: undefined },
]);

const dequeue = primitive(({ node }) =>
	dtypesAttr(node, "component_types").map((dtype) => ({
		dtype,
		shape: undefined,
	})),
);

/** Queues and stacks: what is put in comes out in a later step, in or against its order. */
export const queueOps = {
	FIFOQueue: handle,
	FIFOQueueV2: handle,
	QueueEnqueue: nothing,
	QueueEnqueueV2: nothing,
	QueueEnqueueMany: nothing,
	QueueEnqueueManyV2: nothing,
	QueueDequeue: dequeue,
	QueueDequeueV2: dequeue,
	QueueDequeueMany: dequeue,
	QueueDequeueManyV2: dequeue,
	QueueDequeueUpTo: dequeue,
	QueueDequeueUpToV2: dequeue,
	QueueClose: nothing,
	QueueCloseV2: nothing,
	QueueSize: size,
	QueueSizeV2: size,
	QueueIsClosed: isClosed,
	QueueIsClosedV2: isClosed,
	Stack: handle,
	StackV2: handle,
	StackPush: push,
	StackPushV2: push,
	StackPop: pop,
	StackPopV2: pop,
	StackClose: nothing,
	StackCloseV2: nothing,
} as const satisfies Record<string, OpEntry>;
