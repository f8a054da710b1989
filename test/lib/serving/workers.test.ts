import { describe, expect, test } from "vitest";
import { shareCores } from "../../../src/lib/serving/workers.js";

const MIB = 2 ** 20;

describe("shareCores()", () => {
	test.each([
		["a small model one worker a core", 2, 1 * MIB, 2, 1],
		["a small model four workers at most", 16, 1 * MIB, 4, 4],
		["a model of 14 MiB a copy more", 2, 14 * MIB, 2, 1],
		["a model of 40 MiB one copy more only", 8, 40 * MIB, 2, 4],
		["a large model all cores for one run", 8, 100 * MIB, 1, 8],
		["the only core one worker", 1, 1 * MIB, 1, 1],
		["a model without weights workers too", 2, 0, 2, 1],
	])("gives %s", (_, cores, weightBytes, workers, threads) => {
		expect(shareCores({}, { cores, weightBytes })).toEqual({
			workers,
			threads,
		});
	});

	test.each([
		[{ workers: 3 }, { workers: 3, threads: 2 }],
		[{ threads: 5 }, { workers: 4, threads: 5 }],
		[{ workers: 20 }, { workers: 20, threads: 1 }],
		[
			{ workers: 1, threads: 2 },
			{ workers: 1, threads: 2 },
		],
	])("keeps to %j", (options, shares) => {
		expect(shareCores(options, { cores: 6, weightBytes: MIB })).toEqual(shares);
	});
});
