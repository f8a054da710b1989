import { expect, test } from "vitest";
import type { HostValue } from "../../../../src/lib/host/value.js";
import { floats, int } from "../../../one-node.js";
import { aRun, runStep } from "../steps.js";

const TYPES = { component_types: ["float32"], shapes: [{ dims: [2] }] };
const queue = (run = aRun(), capacity = 3) =>
	runStep("FIFOQueueV2", [], { ...TYPES, capacity }, run)[0];
const rows = floats([3, 2], [1, 2, 3, 4, 5, 6]);
const fill = (handle: HostValue) =>
	runStep("QueueEnqueueManyV2", [handle, rows]);
const size = (handle: HostValue) => runStep("QueueSizeV2", [handle])[0];

test("elements leave a queue in the order in which they came, also in a later run", () => {
	const run = aRun();
	const handle = queue(run);
	fill(handle);
	expect(runStep("QueueDequeueV2", [handle])).toEqual([floats([2], [1, 2])]);
	expect(runStep("QueueDequeueManyV2", [queue(run), int(2)], TYPES)).toEqual([
		floats([2, 2], [3, 4, 5, 6]),
	]);
	expect(size(handle)).toEqual(int(0));
});

test("a closed queue gives what is left of what is wanted", () => {
	const handle = queue();
	fill(handle);
	runStep("QueueCloseV2", [handle]);
	const [left] = runStep("QueueDequeueUpToV2", [handle, int(5)]);
	expect(left).toEqual(rows);
	const [none] = runStep("QueueDequeueUpToV2", [handle, int(5)]);
	expect(none).toEqual(floats([0, 2], []));
});

// TensorFlow's kernels would wait for somebody else; in a served model there is nobody.
test.each<[string, (handle: HostValue) => unknown]>([
	["taking from an empty queue", (q) => runStep("QueueDequeueV2", [q])],
	[
		"taking more than there is",
		(q) => runStep("QueueDequeueUpToV2", [q, int(1)]),
	],
	["filling a full queue", (q) => [fill(q), fill(q)]],
	["putting in another shape", (q) => runStep("QueueEnqueueV2", [q, int(1)])],
])("%s is refused", (_, act) => {
	expect(() => act(queue())).toThrow(
		expect.objectContaining({ code: "INVALID" }),
	);
});

test("elements leave a stack against the order in which they came", () => {
	const [stack] = runStep("StackV2", [int(9)], { elem_type: "int32" });
	expect(runStep("StackPushV2", [stack, int(1)])).toEqual([int(1)]);
	runStep("StackPushV2", [stack, int(2)]);
	expect(runStep("StackPopV2", [stack])).toEqual([int(2)]);
	expect(runStep("StackPopV2", [stack])).toEqual([int(1)]);
	expect(() => runStep("StackPopV2", [stack])).toThrow("empty stack");
});
