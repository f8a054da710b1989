import { afterEach, expect, test, vi } from "vitest";
import { fail } from "../../../../src/lib/errors.js";
import {
	AUTOMATIC_RULE,
	askedRule,
	type BatchRule,
} from "../../../../src/lib/serving/batching/rule.js";
import {
	type BatchingParameters,
	defaultBatching,
} from "../../../../src/lib/serving/config/batching.js";
import { column, floats, settle, shapes, wrapped } from "./fake.js";

afterEach(() => void vi.useRealTimers());

function asked(parameters: Partial<BatchingParameters>): BatchRule {
	const all = { ...defaultBatching(), ...parameters };
	return askedRule({
		...all,
		maxExecutionBatchSize: parameters.maxExecutionBatchSize ?? all.maxBatchSize,
	});
}

test("what waits while a batch runs becomes the next one", async () => {
	const { session, runs, reports, release } = wrapped(asked({}));
	const first = session.run(column(1));
	await settle();
	const others = [session.run(column(2, 3)), session.run(column(4))];
	await settle();
	release();
	expect(await first).toEqual({ y: floats([1, 1], [2]) });
	expect(await Promise.all(others)).toEqual([
		{ y: floats([2, 1], [4, 6]) },
		{ y: floats([1, 1], [8]) },
	]);
	expect(shapes(runs)).toEqual([
		[1, 1],
		[3, 1],
	]);
	expect(reports.map(({ rows }) => rows)).toEqual([[1], [2, 1]]);
});

test("a request that fails does not fail those beside it", async () => {
	const { session, runs } = wrapped(asked({}), { isHeld: false });
	const results = await Promise.allSettled([
		session.run(column(1)),
		session.run(column(Number.NaN)),
		session.run(column(3)),
	]);
	expect(shapes(runs)).toEqual([
		[3, 1],
		[1, 1],
		[1, 1],
		[1, 1],
	]);
	expect(results).toMatchObject([
		{ value: { y: floats([1, 1], [2]) } },
		{ reason: { code: "INVALID", message: "a number is missing" } },
		{ value: { y: floats([1, 1], [6]) } },
	]);
});

test("requests of other shapes run in another batch", async () => {
	const { session, runs } = wrapped(asked({}), { isHeld: false });
	const answers = await Promise.all([
		session.run(column(1)),
		session.run({ x: floats([1, 2], [5, 6]) }),
		session.run(column(2)),
	]);
	expect(answers[1]).toEqual({ y: floats([1, 2], [10, 12]) });
	expect(shapes(runs)).toEqual([
		[2, 1],
		[1, 2],
	]);
});

test("batches are filled up to the next allowed size, by the first row of the last request", async () => {
	const { session, runs, reports } = wrapped(
		asked({ maxBatchSize: 8, allowedBatchSizes: [2, 4, 8] }),
		{ isHeld: false },
	);
	const answers = await Promise.all([
		session.run(column(1)),
		session.run(column(7, 8, 9, 10)),
	]);
	expect(answers[1].y.shape).toEqual([4, 1]);
	expect(runs).toEqual([column(1, 7, 8, 9, 10, 7, 7, 7)]);
	expect(reports).toMatchObject([{ rows: [1, 4], padding: 3 }]);
});

test("lengths that differ are filled up with the first element of each tensor where parameters say so", async () => {
	const { session, runs } = wrapped(asked({ padVariableLengthInputs: true }), {
		isHeld: false,
	});
	await Promise.all([
		session.run({ x: floats([1, 2, 1], [1, 2]) }),
		session.run({ x: floats([2, 1, 3], [3, 4, 5, 6, 7, 8]) }),
	]);
	// worked out by hand: the first becomes [[1,1,1],[2,1,1]], the second's two rows get a second line of 3
	expect(runs).toEqual([
		{
			x: floats(
				[3, 2, 3],
				[1, 1, 1, 2, 1, 1, 3, 4, 5, 3, 3, 3, 6, 7, 8, 3, 3, 3],
			),
		},
	]);
});

test("texts of different lengths are filled up too", async () => {
	const text = (word: string) => new TextEncoder().encode(word);
	const { session, runs } = wrapped(asked({ padVariableLengthInputs: true }), {
		isHeld: false,
		respond: ({ x }) => ({ y: x }),
	});
	await Promise.all([
		session.run({ x: { dtype: "string", shape: [1, 1], data: [text("a")] } }),
		session.run({
			x: { dtype: "string", shape: [1, 2], data: [text("b"), text("c")] },
		}),
	]);
	expect(runs[0].x.data).toEqual(["a", "a", "b", "c"].map(text));
});

test("a request of more rows than a batch takes is refused", async () => {
	const { session } = wrapped(asked({ maxBatchSize: 2 }));
	await expect(session.run(column(1, 2, 3))).rejects.toMatchObject({
		code: "INVALID",
		message: "Task size 3 is larger than maximum input batch size 2",
	});
});

test("a large request is run in parts where parameters say so", async () => {
	const { session, runs } = wrapped(
		asked({
			maxBatchSize: 8,
			maxExecutionBatchSize: 3,
			enableLargeBatchSplitting: true,
		}),
		{ isHeld: false },
	);
	const small = session.run(column(1));
	const large = await session.run(column(2, 3, 4, 5, 6, 7));
	expect(large).toEqual({ y: floats([6, 1], [4, 6, 8, 10, 12, 14]) });
	expect(await small).toEqual({ y: floats([1, 1], [2]) });
	expect(runs).toEqual([column(1, 2, 3), column(4, 5, 6), column(7)]);
});

test("a full queue refuses requests as unavailable", async () => {
	const { session, release } = wrapped(
		asked({ maxBatchSize: 2, maxEnqueuedBatches: 1 }),
	);
	const running = session.run(column(1, 2));
	await settle();
	const waiting = session.run(column(3));
	const fitting = session.run(column(4));
	await expect(session.run(column(5))).rejects.toMatchObject({
		code: "NOT_READY",
		message:
			"The batch scheduling queue to which this task was submitted is full; currently 1 batches enqueued and max_enqueued_batches is 1",
	});
	release();
	await Promise.all([running, waiting, fitting]);
});

test("a full queue refuses what it would have to split", async () => {
	const { session, release } = wrapped(
		asked({
			maxBatchSize: 6,
			maxExecutionBatchSize: 2,
			enableLargeBatchSplitting: true,
			maxEnqueuedBatches: 2,
		}),
	);
	const running = session.run(column(1, 2));
	await settle();
	const waiting = session.run(column(3));
	await expect(session.run(column(1, 2, 3, 4))).rejects.toMatchObject({
		message:
			"The batch scheduling queue to which this task was submitted is full; task size is 4 but scheduling capacity is only 3 (num_enqueued_batches=1, max_enqueued_batches=2, open_batch_size=1, max_execution_batch_size=2)",
	});
	release();
	await Promise.all([running, waiting]);
});

test("a batch that is not full waits for its timeout, a full one does not", async () => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	const { session, runs } = wrapped(
		asked({ maxBatchSize: 2, batchTimeoutMicros: 5_000 }),
		{ isHeld: false },
	);
	const lone = session.run(column(1));
	await settle();
	expect(runs).toEqual([]);
	vi.advanceTimersByTime(5);
	await lone;
	await Promise.all([session.run(column(2)), session.run(column(3))]);
	expect(runs).toEqual([column(1), column(2, 3)]);
});

test("a request that nobody waits for leaves the queue, and says so if it waited too long", async () => {
	const { session, runs, release } = wrapped(asked({}));
	const running = session.run(column(1));
	await settle();
	const left = new AbortController();
	const late = new AbortController();
	const results = Promise.allSettled([
		session.run(column(2), undefined, left.signal),
		session.run(column(3), undefined, late.signal),
		session.run(column(4)),
	]);
	await settle();
	left.abort(fail("NOT_READY", "the client went away"));
	late.abort(fail("TIMEOUT", "30 seconds passed"));
	release();
	await running;
	expect(await results).toMatchObject([
		{ reason: { message: "the client went away" } },
		{
			reason: {
				code: "OVERLOADED",
				message: "Run() timeout exceeded while waiting in batching queue",
			},
		},
		{ value: { y: floats([1, 1], [8]) } },
	]);
	expect(runs).toEqual([column(1), column(4)]);
});

test.each([
	[
		{ x: floats([], [1]) },
		"Batching Run() input tensors must have at least one dimension",
	],
	[
		{ x: floats([1], [1]), z: floats([2], [1, 2]) },
		"Batching Run() input tensors must have equal 0th-dimension size",
	],
])(
	"inputs without equally many rows are refused where batches were asked for",
	async (inputs, message) => {
		const { session } = wrapped(asked({}), { inputs: Object.keys(inputs) });
		await expect(session.run(inputs)).rejects.toMatchObject({
			code: "INVALID",
			message,
		});
	},
);

test.each([
	[floats([], [1]), "Batched output tensor has 0 dimensions"],
	[
		floats([1], [1]),
		"Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors",
	],
])(
	"outputs that are not rows are refused where batches were asked for",
	async (y, message) => {
		const { session } = wrapped(asked({}), {
			isHeld: false,
			respond: () => ({ y }),
		});
		await expect(session.run(column(1, 2))).rejects.toMatchObject({
			code: "MISMATCH",
			message,
		});
	},
);

test("without being asked, a model whose outputs are not rows answers each request by itself", async () => {
	const { session, runs } = wrapped(AUTOMATIC_RULE, {
		isHeld: false,
		respond: ({ x }) => ({
			y: floats([], [(x.data as Float32Array).reduce((a, b) => a + b, 0)]),
		}),
	});
	const ask = () =>
		Promise.all([session.run(column(1, 2)), session.run(column(3))]);
	const answers = [{ y: floats([], [3]) }, { y: floats([], [3]) }];
	expect(await ask()).toEqual(answers);
	expect(await ask()).toEqual(answers);
	expect(shapes(runs)).toEqual([
		[3, 1],
		[2, 1],
		[1, 1],
		[2, 1],
		[1, 1],
	]);
});

test("without being asked, large requests run by themselves and at once", async () => {
	const { session, runs, release } = wrapped(AUTOMATIC_RULE);
	const large = [
		session.run({ x: floats([1, 2 ** 16], new Array(2 ** 16).fill(1)) }),
		session.run(column(...new Array(100).fill(1))),
	];
	await settle();
	expect(runs).toHaveLength(2);
	release();
	await Promise.all(large);
});

test("without being asked, what comes together is shared out to all threads while nobody knows how long it takes", async () => {
	const { session, runs, release } = wrapped(AUTOMATIC_RULE, { threads: 2 });
	const answers = [1, 2, 3].map((x) => session.run(column(x)));
	await settle();
	expect(runs).toEqual([column(1, 2), column(3)]);
	release();
	await Promise.all(answers);
});

test("without being asked, a request that comes alone as the one before it did runs at once, and those behind it wait as always", async () => {
	const { session, runs, reports } = wrapped(AUTOMATIC_RULE, { isHeld: false });
	await session.run(column(1));
	const asked = [column(2, 3), column(4), column(5)];
	const answers = asked.map((inputs) => session.run(inputs));
	expect(runs[1]).toBe(asked[0]);
	expect(await Promise.all(answers)).toEqual([
		{ y: floats([2, 1], [4, 6]) },
		{ y: floats([1, 1], [8]) },
		{ y: floats([1, 1], [10]) },
	]);
	expect(reports[1]).toMatchObject({ rows: [2], waitedMicros: [0] });
});

test("a thread that works is given its next batch, and what comes then becomes the one behind", async () => {
	const { session, runs, release } = wrapped(AUTOMATIC_RULE, { ahead: 2 });
	const answers: Promise<unknown>[] = [];
	for (const x of [1, 2, 3, 4]) {
		answers.push(session.run(column(x)));
		await settle();
	}
	expect(runs).toEqual([column(1), column(2)]);
	release();
	await Promise.all(answers);
	expect(runs[2]).toEqual(column(3, 4));
});

test("closing fails what waits", async () => {
	const { session, release } = wrapped(asked({}));
	const running = session.run(column(1));
	await settle();
	const waiting = session.run(column(2));
	await settle();
	const refused = expect(waiting).rejects.toMatchObject({ code: "NOT_READY" });
	await session.close();
	await refused;
	release();
	await running;
});
