import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { Session, Tensors } from "../../../../src/lib/engines/engine.js";
import { Batcher } from "../../../../src/lib/serving/batching/batcher.js";
import {
	AUTOMATIC_RULE,
	askedRule,
	type BatchRule,
} from "../../../../src/lib/serving/batching/rule.js";
import { defaultBatching } from "../../../../src/lib/serving/config/batching.js";
import { loadModel } from "../../../../src/lib/serving/load.js";
import { sliceRows } from "../../../../src/lib/tensor/rows.js";
import { doubled, floats, settle, wrapped } from "./fake.js";

/** A number from 0 to 1, the next one of a row that a seed begins (mulberry32). */
function dice(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const RULES: readonly (readonly [string, BatchRule])[] = [
	["automatic", AUTOMATIC_RULE],
	["asked for", askedRule({ ...defaultBatching(), maxEnqueuedBatches: 1e6 })],
	[
		"small, filled up and split",
		askedRule({
			...defaultBatching(),
			maxBatchSize: 16,
			maxExecutionBatchSize: 4,
			allowedBatchSizes: [2, 4],
			enableLargeBatchSplitting: true,
			maxEnqueuedBatches: 1e6,
		}),
	],
];

/** What became of a request: its answer, or what was said of it. */
async function outcome(run: Promise<Tensors>): Promise<unknown> {
	try {
		return await run;
	} catch (error) {
		return error instanceof Error ? error.message : error;
	}
}

test.each(
	RULES.flatMap(([name, rule]) =>
		Array.from({ length: 12 }, (_, seed) => ({ name, rule, seed })),
	),
)(
	"requests get what each would get alone, $name, seed $seed",
	async ({ rule, seed }) => {
		const next = dice(seed);
		const upTo = (most: number) => 1 + Math.floor(next() * most);
		const { session } = wrapped(rule, {
			threads: upTo(3),
			ahead: upTo(2),
			isHeld: false,
			turns: () => upTo(5),
		});
		const requests = Array.from({ length: 120 }, async () => {
			for (let turns = upTo(20); turns > 0; turns--)
				await new Promise((resolve) => setImmediate(resolve));
			const [rows, width] = [upTo(6), upTo(2)];
			const values = Array.from({ length: rows * width }, () =>
				next() < 0.03 ? Number.NaN : upTo(1000),
			);
			const x = floats([rows, width], values);
			const alone = await outcome((async () => doubled({ x }))());
			const leaves = next() < 0.1 ? new AbortController() : undefined;
			if (leaves !== undefined) setImmediate(() => leaves.abort("left"));
			const got = await outcome(
				session.run(
					{ x: { ...x, data: x.data.slice() } },
					undefined,
					leaves?.signal,
				),
			);
			if (leaves === undefined || got !== "left") expect(got).toEqual(alone);
		});
		await Promise.all(requests);
	},
);

const digits = (...path: string[]) =>
	fileURLToPath(new URL(`../../../../${path.join("/")}`, import.meta.url));
const batches: number[] = [];
const plain = await loadModel(digits("models/digits/2"));
const joined = await loadModel(digits("models/digits/2"), {
	workers: 1,
	batcher: new Batcher(
		{ kind: "automatic" },
		{
			batch: ({ rows }) => void batches.push(rows.length),
		},
	),
});

afterAll(() => Promise.all([plain.close(), joined.close()]));

test("the demo model answers joined requests as it answers each alone", async () => {
	const next = dice(1);
	const ask = (session: Session, inputs: Tensors) => session.run(inputs);
	const [{ name, shape }] = await plain.use(
		"serving_default",
		async (session) => session.inputs,
	);
	const size = (shape ?? []).slice(1);
	const length = size.reduce((product, count) => product * count, 1);
	const requests = Array.from({ length: 60 }, () => {
		const rows = 1 + Math.floor(next() * 3);
		return floats([rows, ...size], Array.from({ length: rows * length }, next));
	});
	const copies = requests.map((x) => ({ [name]: sliceRows(x, 0, x.shape[0]) }));
	const together = await Promise.all(
		copies.map((inputs) =>
			joined.use("serving_default", (session) => ask(session, inputs)),
		),
	);
	for (const [i, x] of requests.entries()) {
		const alone = await plain.use("serving_default", (session) =>
			ask(session, { [name]: x }),
		);
		for (const [output, { shape, data }] of Object.entries(alone)) {
			expect(together[i][output].shape).toEqual(shape);
			// sums of more rows are made in another order
			for (const [at, value] of (data as Float32Array).entries())
				expect(together[i][output].data[at]).toBeCloseTo(value, 5);
		}
	}
	expect(Math.max(...batches)).toBeGreaterThan(1);
	await settle();
});
