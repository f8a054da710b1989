import { fail } from "../../errors.js";
import { dtypesAttr, intAttr, shapesAttr } from "../../graph/attrs.js";
import type { queueOps } from "../../ops/list/queue.js";
import { mergeShapes } from "../../ops/shapes.js";
import type { DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { Shape } from "../../tensor/tensor.js";
import { integers } from "../array/integers.js";
import { type HostFamily, type HostStep, step } from "../kernel.js";
import { type HostValue, itemOf, opaque, tensorOf } from "../value.js";
import { rowsOf, stacked, zeros } from "./rows.js";

/** First in, first out; an element is one value a component. Outlives a run, as kernels of TensorFlow do. */
class Queue {
	isClosed = false;
	readonly #types: readonly DType[];
	readonly #shapes: readonly Shape[];
	readonly #capacity: number;
	readonly #elements: (readonly HostValue[])[] = [];

	constructor(
		types: readonly DType[],
		shapes: readonly Shape[],
		capacity: number,
	) {
		this.#types = types;
		this.#shapes = shapes;
		this.#capacity = capacity;
	}

	get size(): number {
		return this.#elements.length;
	}

	/** Nobody takes elements out while a step waits, so that a full queue is an error here and not a reason to wait. */
	put(element: readonly HostValue[]): void {
		if (this.isClosed)
			throw fail("INVALID", "cannot put an element into a closed queue");
		if (this.#capacity >= 0 && this.size >= this.#capacity)
			throw fail(
				"INVALID",
				`cannot put an element into a queue of ${this.#capacity}: it is full`,
			);
		for (const [i, { dtype, shape }] of element.entries()) {
			if (dtype !== this.#types[i])
				throw fail(
					"INVALID",
					`cannot put a ${dtype} tensor into a queue of ${this.#types[i]}`,
				);
			mergeShapes(this.#shapes[i], shape);
		}
		this.#elements.push(element);
	}

	take(): readonly HostValue[] {
		const element = this.#elements.shift();
		if (element !== undefined) return element;
		throw fail(
			"INVALID",
			"cannot take an element from an empty queue: nothing that runs would fill it",
		);
	}

	/** So many elements as the rows of one value a component. */
	takeRows(count: number): readonly HostValue[] {
		if (count < 0 || count > this.size)
			throw fail(
				"INVALID",
				`cannot take ${count} elements from a queue of ${this.size}: nothing that runs would fill it`,
			);
		const taken = Array.from({ length: count }, () => this.take());
		return this.#types.map((dtype, i) => {
			const items = taken.map((element) => element[i]);
			const shape = items[0]?.shape ?? this.#shapes[i] ?? [];
			return items.length === 0
				? zeros(dtype, [0, ...shape])
				: stacked(items, dtype, shape);
		});
	}
}

/** Last in, first out; lives as long as a run. */
class Stack {
	readonly items: HostValue[] = [];
}

const queue: HostStep = (node, _, run) => {
	const make = () =>
		new Queue(
			dtypesAttr(node, "component_types"),
			shapesAttr(node, "shapes"),
			intAttr(node, "capacity"),
		);
	const { container = "", shared_name: name = "" } = node.attrs;
	const key = `queue ${String(container)}/${name === "" ? node.name : String(name)}`;
	return [opaque("resource", run.resource(key, make))];
};

const enqueue: HostStep = (_, [handle, ...components]) => {
	itemOf(handle, Queue).put(components);
	return [];
};

const enqueueMany: HostStep = (_, [handle, ...components]) => {
	const target = itemOf(handle, Queue);
	const rows = components.map((component) => rowsOf(component));
	for (let i = 0; i < rows[0].length; i++)
		target.put(rows.map((component) => component[i]));
	return [];
};

const dequeue: HostStep = (_, [handle]) => itemOf(handle, Queue).take();

const dequeueMany: HostStep = (_, [handle, count]) =>
	itemOf(handle, Queue).takeRows(integers(tensorOf(count))[0]);

/** Fewer only from a queue that gets no more. */
const dequeueUpTo: HostStep = (_, [handle, count]) => {
	const source = itemOf(handle, Queue);
	const [wanted] = integers(tensorOf(count));
	return source.takeRows(
		source.isClosed ? Math.min(wanted, source.size) : wanted,
	);
};

const size: HostStep = (_, [handle]) => [
	tensorFromNumbers("int32", [], [itemOf(handle, Queue).size]),
];

const close: HostStep = (_, [handle]) => {
	itemOf(handle, Queue).isClosed = true;
	return [];
};

const isClosed: HostStep = (_, [handle]) => [
	tensorFromNumbers("bool", [], [Number(itemOf(handle, Queue).isClosed)]),
];

const stack: HostStep = () => [opaque("resource", new Stack())];

const push: HostStep = (_, [handle, item]) => {
	itemOf(handle, Stack).items.push(item);
	return [item];
};

const pop: HostStep = (_, [handle]) => {
	const item = itemOf(handle, Stack).items.pop();
	if (item !== undefined) return [item];
	throw fail("INVALID", "cannot take an element from an empty stack");
};

export const queueKernels: HostFamily<typeof queueOps> = {
	FIFOQueue: step(queue),
	FIFOQueueV2: step(queue),
	QueueEnqueue: step(enqueue),
	QueueEnqueueV2: step(enqueue),
	QueueEnqueueMany: step(enqueueMany),
	QueueEnqueueManyV2: step(enqueueMany),
	QueueDequeue: step(dequeue),
	QueueDequeueV2: step(dequeue),
	QueueDequeueMany: step(dequeueMany),
	QueueDequeueManyV2: step(dequeueMany),
	QueueDequeueUpTo: step(dequeueUpTo),
	QueueDequeueUpToV2: step(dequeueUpTo),
	QueueClose: step(close),
	QueueCloseV2: step(close),
	QueueSize: step(size),
	QueueSizeV2: step(size),
	QueueIsClosed: step(isClosed),
	QueueIsClosedV2: step(isClosed),
	Stack: step(stack),
	StackV2: step(stack),
	StackPush: step(push),
	StackPushV2: step(push),
	StackPop: step(pop),
	StackPopV2: step(pop),
	StackClose: step(() => []),
	StackCloseV2: step(() => []),
};
