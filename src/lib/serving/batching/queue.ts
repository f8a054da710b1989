import type { Tensors } from "../../engines/engine.js";
import { fail, MlshipError } from "../../errors.js";
import type { Pace } from "./pace.js";
import type { BatchRule } from "./rule.js";
import type { BatchSource, BatchThreads } from "./threads.js";

/** A request, or a part of one. */
export interface Task {
	readonly inputs: Tensors;
	readonly rows: number;
	/** Of all inputs. */
	readonly bytes: number;
	/** Tasks of one key can be joined. */
	readonly key: string;
	/** When it came, as `performance.now()` has it. */
	readonly since: number;
	resolve(outputs: Tensors): void;
	reject(reason: unknown): void;
}

interface Batch {
	readonly key: string;
	tasks: Task[];
	rows: number;
	bytes: number;
	/** Whether it has waited long enough. */
	isDue: boolean;
	timer?: NodeJS.Timeout;
}

/** Tasks of one session that wait, put together while they do. Has a lifetime. */
export class BatchQueue implements BatchSource {
	readonly #rule: BatchRule;
	readonly #threads: BatchThreads;
	readonly #pace: Pace;
	readonly #run: (tasks: readonly Task[]) => Promise<void>;
	/** How many tasks fall to one thread, and the turn that this holds for. */
	#share = { turn: -1, tasks: 0 };
	/** The oldest first. */
	#waiting: Batch[] = [];
	#closed: MlshipError | undefined;

	/** `run` settles all tasks that it is given, and never fails. */
	constructor(
		rule: BatchRule,
		threads: BatchThreads,
		pace: Pace,
		run: (tasks: readonly Task[]) => Promise<void>,
	) {
		this.#rule = rule;
		this.#threads = threads;
		this.#pace = pace;
		this.#run = run;
	}

	/**
	 * The rows of the parts that become of a task: what the last batch still takes, then as much as a batch takes
	 * (eager splitting in shared_batch_scheduler.h). Fails with NOT_READY, in upstream's words, where too many wait.
	 */
	partsOf(key: string, rows: number): number[] {
		const { maxRows, maxWaiting, splits } = this.#rule;
		const open = this.#waiting.findLast((batch) => batch.key === key);
		const space = open === undefined ? 0 : Math.max(0, maxRows - open.rows);
		const enqueued = this.#waiting.length;
		if (!splits) {
			if (rows > space && enqueued >= maxWaiting)
				throw full(
					`currently ${enqueued} batches enqueued and max_enqueued_batches is ${maxWaiting}`,
				);
			return [rows];
		}
		const capacity = (maxWaiting - enqueued) * maxRows + space;
		if (rows > capacity)
			throw full(
				`task size is ${rows} but scheduling capacity is only ${capacity} (num_enqueued_batches=${enqueued}, max_enqueued_batches=${maxWaiting}, open_batch_size=${maxRows - space}, max_execution_batch_size=${maxRows})`,
			);
		const parts = space > 0 ? [Math.min(space, rows)] : [];
		for (let left = rows - (parts[0] ?? 0); left > 0; left -= maxRows)
			parts.push(Math.min(left, maxRows));
		return parts;
	}

	/** Takes a task in. Once `signal` aborts it is forgotten, unless it runs by then. */
	add(task: Task, signal?: AbortSignal): void {
		if (this.#closed !== undefined) {
			task.reject(this.#closed);
			return;
		}
		const batch = this.#batchFor(task);
		const added = signal === undefined ? task : this.#watched(task, signal);
		batch.tasks.push(added);
		batch.rows += task.rows;
		batch.bytes += task.bytes;
		if (this.#isReady(batch)) this.#threads.wake(this);
	}

	take(turn: number): (() => Promise<void>) | undefined {
		const batch = this.#waiting.find((waiting) => this.#isReady(waiting));
		if (batch === undefined) return undefined;
		const tasks = this.#rule.shares ? this.#shareOf(batch, turn) : batch.tasks;
		if (tasks.length === batch.tasks.length) this.#forget(batch);
		else this.#removeFrom(batch, tasks);
		return () => this.#run(tasks);
	}

	/** Requests that no thread has taken. */
	get waiting(): number {
		return this.#waiting.reduce((sum, { tasks }) => sum + tasks.length, 0);
	}

	/** Fails what still waits. */
	close(): void {
		const reason = fail("NOT_READY", "cannot run: the model was closed");
		this.#closed = reason;
		for (const batch of [...this.#waiting]) {
			this.#forget(batch);
			for (const task of batch.tasks) task.reject(reason);
		}
	}

	#batchFor({ key, rows, bytes }: Task): Batch {
		const { maxRows, maxBytes, waitMicros } = this.#rule;
		const open = this.#waiting.findLast((batch) => batch.key === key);
		if (
			open !== undefined &&
			open.rows + rows <= maxRows &&
			open.bytes + bytes <= maxBytes
		)
			return open;
		if (open !== undefined) {
			open.isDue = true;
			this.#threads.wake(this);
		}
		const batch: Batch = {
			key,
			tasks: [],
			rows: 0,
			bytes: 0,
			isDue: waitMicros === 0,
		};
		if (waitMicros > 0)
			batch.timer = setTimeout(() => {
				batch.isDue = true;
				this.#threads.wake(this);
			}, waitMicros / 1000);
		this.#waiting.push(batch);
		return batch;
	}

	#isReady({ rows, isDue }: Batch): boolean {
		return isDue || rows >= this.#rule.maxRows;
	}

	/** The oldest tasks of a batch, as many as fall to one thread of what waited when this turn began. */
	#shareOf({ tasks }: Batch, turn: number): Task[] {
		if (turn !== this.#share.turn) {
			const rows = this.#waiting.reduce((sum, batch) => sum + batch.rows, 0);
			const parts = this.#pace.parts(rows, this.#threads.sideBySide);
			this.#share = { turn, tasks: Math.ceil(this.waiting / parts) };
		}
		return tasks.slice(0, this.#share.tasks);
	}

	#removeFrom(batch: Batch, removed: readonly Task[]): void {
		batch.tasks = batch.tasks.filter((task) => !removed.includes(task));
		for (const { rows, bytes } of removed) {
			batch.rows -= rows;
			batch.bytes -= bytes;
		}
		if (batch.tasks.length === 0) this.#forget(batch);
	}

	#forget(batch: Batch): void {
		clearTimeout(batch.timer);
		this.#waiting = this.#waiting.filter((waiting) => waiting !== batch);
	}

	#watched(task: Task, signal: AbortSignal): Task {
		const abort = () => {
			const batch = this.#waiting.find(({ tasks }) => tasks.includes(watched));
			if (batch === undefined) return;
			this.#removeFrom(batch, [watched]);
			task.reject(lateness(signal.reason));
		};
		const watched: Task = {
			...task,
			resolve: (outputs) => {
				signal.removeEventListener("abort", abort);
				task.resolve(outputs);
			},
			reject: (reason) => {
				signal.removeEventListener("abort", abort);
				task.reject(reason);
			},
		};
		signal.addEventListener("abort", abort, { once: true });
		return watched;
	}
}

/** TensorFlow Serving answers 503 here, and 429 where a request has waited too long. */
function full(how: string): MlshipError {
	return fail(
		"NOT_READY",
		`The batch scheduling queue to which this task was submitted is full; ${how}`,
	);
}

function lateness(reason: unknown): unknown {
	const isLate =
		reason instanceof MlshipError
			? reason.code === "TIMEOUT"
			: reason instanceof DOMException && reason.name === "TimeoutError";
	return isLate
		? fail(
				"OVERLOADED",
				"Run() timeout exceeded while waiting in batching queue",
				{ cause: reason },
			)
		: reason;
}
