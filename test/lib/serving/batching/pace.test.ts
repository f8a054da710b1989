import { expect, test } from "vitest";
import { Pace } from "../../../../src/lib/serving/batching/pace.js";

/** Half a millisecond is what it takes to hand something to a thread. */
test.each([
	{ runs: [], rows: 1, parts: 4, why: "nothing is known yet" },
	{ runs: [[1, 0.05]], rows: 10, parts: 1, why: "10 rows take half of one" },
	{ runs: [[1, 0.05]], rows: 11, parts: 2, why: "11 take more" },
	{ runs: [[1, 20]], rows: 3, parts: 4, why: "there are no more threads" },
	{ runs: [[8, 0.4]], rows: 10, parts: 1, why: "a row takes its part" },
	{
		runs: [
			[1, 9],
			[1, 0.05],
			[1, 7],
		],
		rows: 10,
		parts: 1,
		why: "the best counts",
	},
])(
	"rows are shared out to as many threads as they are worth: $why",
	({ runs, rows, parts }) => {
		const pace = new Pace();
		for (const [count, milliseconds] of runs) pace.note(count, milliseconds);
		expect(pace.parts(rows, 4)).toBe(parts);
	},
);
