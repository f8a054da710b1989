import type { Session, Tensors } from "../../../../src/lib/engines/engine.js";
import { fail } from "../../../../src/lib/errors.js";
import type { BatchReport } from "../../../../src/lib/serving/batching/observer.js";
import type { BatchRule } from "../../../../src/lib/serving/batching/rule.js";
import { batchedSession } from "../../../../src/lib/serving/batching/session.js";
import { BatchThreads } from "../../../../src/lib/serving/batching/threads.js";
import type { Tensor } from "../../../../src/lib/tensor/tensor.js";

export function floats(shape: readonly number[], values: number[]): Tensor {
	return { dtype: "float32", shape, data: Float32Array.from(values) };
}

/** Rows of one number each. */
export function column(...values: number[]): Tensors {
	return { x: floats([values.length, 1], values) };
}

export interface Wrapped {
	readonly session: Session;
	/** The inputs of each run, in order. */
	readonly runs: Tensors[];
	readonly reports: BatchReport[];
	/** Lets all runs that wait answer, and those that come. */
	release(): void;
}

/**
 * A session behind batching that answers twice its input, once it is released; a run fails that has a NaN in it. `respond`
 * changes what it answers.
 */
export function wrapped(
	rule: BatchRule,
	{
		threads = 1,
		ahead = 1,
		isHeld = true,
		respond = doubled,
		inputs: names = ["x"],
		turns = () => 0,
	}: {
		threads?: number;
		ahead?: number;
		isHeld?: boolean;
		respond?: (inputs: Tensors) => Tensors;
		inputs?: readonly string[];
		/** How many turns of the event loop a run takes. */
		turns?: () => number;
	} = {},
): Wrapped {
	const runs: Tensors[] = [];
	const reports: BatchReport[] = [];
	let held: (() => void)[] | undefined = isHeld ? [] : undefined;
	const inner: Session = {
		inputs: names.map((name) => ({
			name,
			dtype: "float32",
			shape: undefined,
		})),
		outputs: [{ name: "y", dtype: "float32", shape: undefined }],
		run: async (inputs) => {
			runs.push(inputs);
			if (held !== undefined)
				await new Promise<void>((resolve) => held?.push(resolve));
			for (let left = turns(); left > 0; left--)
				await new Promise((resolve) => setImmediate(resolve));
			return respond(inputs);
		},
		close: async () => undefined,
	};
	return {
		session: batchedSession(inner, {
			rule,
			threads: new BatchThreads(threads, { ahead }),
			pool: "batch_threads",
			observer: { batch: (report) => reports.push(report) },
		}),
		runs,
		reports,
		release: () => {
			const waiting = held ?? [];
			held = undefined;
			for (const answer of waiting) answer();
		},
	};
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
	for (let turn = 0; turn < 8; turn++)
		await new Promise((resolve) => setImmediate(resolve));
}

export function doubled({ x }: Tensors): Tensors {
	const values = Array.from(x.data as Float32Array);
	if (values.some(Number.isNaN)) throw fail("INVALID", "a number is missing");
	return {
		y: floats(
			x.shape,
			values.map((value) => 2 * value),
		),
	};
}

export function shapes(runs: readonly Tensors[]): (readonly number[])[] {
	return runs.map(({ x }) => x.shape);
}
