import type { Session, SessionPort, Tensors } from "../../engines/engine.js";
import { fail } from "../../errors.js";
import { joinRows, sliceRows } from "../../tensor/rows.js";
import { byteLength, type Tensor } from "../../tensor/tensor.js";
import { joinInputs, MAX_PADDED_RANK, splitOutputs } from "./join.js";
import type { BatchObserver, BatchReport } from "./observer.js";
import { Pace } from "./pace.js";
import { BatchQueue, type Task } from "./queue.js";
import type { BatchRule } from "./rule.js";
import type { BatchThreads } from "./threads.js";

export interface BatchedOptions {
	readonly rule: BatchRule;
	/** What runs its batches, perhaps with those of other sessions. */
	readonly threads: BatchThreads;
	/** What the observer is told. */
	readonly pool: string;
	readonly observer?: BatchObserver | undefined;
}

/**
 * A session that runs requests of the same shape together. Each gets the answer that it would get alone, or fails alone: a batch
 * that fails is run again request by request. With a strict rule `run` fails with INVALID for inputs without equally many
 * rows, and with MISMATCH for outputs without them, in TensorFlow Serving's words; with another one these run as they are.
 */
export function batchedSession(
	session: Session,
	{ rule, threads, pool, observer }: BatchedOptions,
): Session {
	/** Whether its outputs were seen to have other rows than its inputs. */
	let isApart = false;
	/** Whether the last batch was one request: the next will hardly have company either, and need not look for it. */
	let wasAlone = false;
	const pace = new Pace();
	const runTasks = async (tasks: readonly Task[]): Promise<void> => {
		const rows = tasks.map((task) => task.rows);
		const sum = rows.reduce((total, count) => total + count, 0);
		const padding = paddingFor(sum, rule.sizes);
		wasAlone = tasks.length === 1;
		observer?.batch({
			pool,
			rows,
			waitedMicros: tasks.map(({ since }) => (performance.now() - since) * 1e3),
			padding,
		});
		const began = performance.now();
		try {
			const running = session.run(
				tasks.length === 1 && padding === 0
					? tasks[0].inputs
					: joinInputs(
							tasks.map(({ inputs }) => inputs),
							padding,
							rule.pads,
						),
			);
			session.flush?.();
			const outputs = await running;
			pace.note(sum, performance.now() - began);
			const parts = shared(outputs, rows, sum + padding);
			for (const [i, task] of tasks.entries()) task.resolve(parts[i]);
		} catch (error) {
			if (tasks.length === 1) tasks[0].reject(error);
			else await Promise.all(tasks.map((task) => runTasks([task])));
		}
	};
	const shared = (
		outputs: Tensors,
		rows: readonly number[],
		total: number,
	): readonly Tensors[] => {
		const isWhole = rows.length === 1 && rows[0] === total;
		if (isWhole && hasRows(outputs, total)) return [outputs];
		try {
			return splitOutputs(outputs, rows, total);
		} catch (error) {
			if (rule.isStrict) throw error;
			isApart = true;
			if (isWhole) return [outputs];
			throw error;
		}
	};
	const queue = new BatchQueue(rule, threads, pace, runTasks);
	const forget = observer?.queue?.({ pool, waiting: () => queue.waiting });
	const enqueue = (task: Request, signal?: AbortSignal): Promise<Tensors> =>
		new Promise((resolve, reject) => {
			const since = performance.now();
			queue.add({ ...task, since, resolve, reject }, signal);
		});
	const names = session.inputs.map(({ name }) => name);
	return {
		inputs: session.inputs,
		outputs: session.outputs,
		run: async (inputs, kept, signal) => {
			if (isApart || kept !== undefined) return session.run(inputs, kept);
			if (rule.shares && wasAlone && threads.isIdle) {
				observer?.batch({ pool, ...aloneOf(inputs, names) });
				return threads.run(() => session.run(inputs));
			}
			const request = requestOf(inputs, names, rule);
			if (request === undefined) return session.run(inputs);
			signal?.throwIfAborted();
			const parts = queue.partsOf(request.key, request.rows);
			if (parts.length === 1) return enqueue(request, signal);
			const answers = await Promise.all(
				cut(request, parts).map((part) => enqueue(part, signal)),
			);
			return joinedOutputs(answers, session.outputs);
		},
		close: () => {
			queue.close();
			forget?.();
			return session.close();
		},
	};
}

type Request = Pick<Task, "inputs" | "rows" | "bytes" | "key">;

/** What is told of a request that did not wait. */
function aloneOf(
	inputs: Tensors,
	[name]: readonly string[],
): Omit<BatchReport, "pool"> {
	const rows = inputs[name]?.shape[0] ?? 1;
	return { rows: [rows], waitedMicros: [0], padding: 0 };
}

/** What is to be joined; undefined for what runs alone. */
function requestOf(
	inputs: Tensors,
	names: readonly string[],
	rule: BatchRule,
): Request | undefined {
	const tensors = names.map((name) => inputs[name]);
	const rows = tensors[0]?.shape[0];
	const isEven = tensors.every(({ shape }) => shape[0] === rows);
	if (rows === undefined || !isEven)
		return rule.isStrict ? refuseRows(tensors) : undefined;
	if (rows === 0) return undefined;
	if (rows > rule.maxTaskRows) {
		if (!rule.isStrict) return undefined;
		throw fail(
			"INVALID",
			`Task size ${rows} is larger than maximum input batch size ${rule.maxTaskRows}`,
		);
	}
	const bytes =
		rule.maxBytes === Number.POSITIVE_INFINITY
			? 0
			: tensors.reduce((sum, tensor) => sum + byteLength(tensor), 0);
	if (bytes > rule.maxBytes / 2) return undefined;
	return { inputs, rows, bytes, key: keyOf(tensors, rule.pads) };
}

function refuseRows(tensors: readonly Tensor[]): never {
	const [first] = tensors;
	if (first === undefined)
		throw fail("INVALID", "Batching Run() must have at least one input tensor");
	throw fail(
		"INVALID",
		tensors.some(({ shape }) => shape.length === 0)
			? "Batching Run() input tensors must have at least one dimension"
			: "Batching Run() input tensors must have equal 0th-dimension size",
	);
}

/** Where lengths may differ, only ranks have to be equal. */
function keyOf(tensors: readonly Tensor[], pads: boolean): string {
	let key = "";
	for (const { shape } of tensors) {
		if (pads && shape.length <= MAX_PADDED_RANK) key += shape.length;
		else
			for (let axis = 1; axis < shape.length; axis++) key += `${shape[axis]},`;
		key += ";";
	}
	return key;
}

function cut(request: Request, parts: readonly number[]): Request[] {
	const { inputs, rows, bytes, key } = request;
	let from = 0;
	return parts.map((count) => {
		const start = from;
		from += count;
		return {
			inputs: Object.fromEntries(
				Object.entries(inputs).map(([name, input]) => [
					name,
					sliceRows(input, start, from),
				]),
			),
			rows: count,
			bytes: (bytes * count) / rows,
			key,
		};
	});
}

function joinedOutputs(
	parts: readonly Tensors[],
	ports: readonly SessionPort[],
): Tensors {
	return Object.fromEntries(
		ports.map(({ name }) => [name, joinRows(parts.map((part) => part[name]))]),
	);
}

function paddingFor(rows: number, sizes: readonly number[]): number {
	const size = sizes.find((allowed) => allowed >= rows);
	return size === undefined ? 0 : size - rows;
}

function hasRows(outputs: Tensors, rows: number): boolean {
	return Object.values(outputs).every(({ shape }) => shape[0] === rows);
}
