import { describe, expect, test } from "vitest";
import {
	campaign,
	corpusOf,
	type Finding,
	keep,
	shortened,
	surviving,
} from "./fuzz/campaign.js";
import { outcomeOf } from "./fuzz/outcome.js";
import type { Target } from "./fuzz/target.js";
import {
	configText,
	graphText,
	release,
	warmUp,
} from "./fuzz/targets/files.js";
import {
	exampleRequest,
	otherRequests,
	predictRequest,
	tensorProto,
} from "./fuzz/targets/grpc.js";
import { examplesJson, predictJson } from "./fuzz/targets/json.js";
import { kerasFiles } from "./fuzz/targets/keras.js";
import {
	csv,
	exampleInJson,
	exampleMessage,
	pictures,
	sequenceMessage,
} from "./fuzz/targets/kernels.js";
import { graphs, savedModel } from "./fuzz/targets/saved-model.js";

const TARGETS: readonly Target[] = [
	predictJson,
	examplesJson,
	predictRequest,
	tensorProto,
	exampleRequest,
	otherRequests,
	configText,
	graphText,
	release,
	warmUp,
	savedModel,
	...graphs,
	exampleMessage,
	sequenceMessage,
	exampleInJson,
	csv,
	pictures,
	...kerasFiles,
];

/** `npm run fuzz`: for so many seconds a target, beginning otherwise each time. */
const SECONDS =
	process.env.MODE === "fuzz"
		? Number(process.env.MLSHIP_FUZZ_SECONDS ?? 60)
		: undefined;

/** What a few kilobytes may take at most; only `npm run fuzz` looks at clocks. */
const MOST_MS = 2_000;

const MOST_MEGABYTES = 700;

describe.each(TARGETS)("bytes for $name", (target) => {
	test.each(corpusOf(target))(
		"are read or refused: $name",
		async ({ bytes }) => {
			expect((await outcomeOf(target, bytes)).finding).toBeUndefined();
		},
	);

	test(
		"are read or refused with mistakes in them",
		async () => {
			const findings =
				SECONDS === undefined
					? await campaign(target, (round) => round < target.rounds)
					: await kept(target, SECONDS);
			expect(findings.map(({ what }) => what)).toEqual([]);
		},
		SECONDS === undefined ? undefined : (SECONDS + 600) * 1000,
	);
});

test("none of that makes memory grow", () => {
	// kilobytes (getrusage(2)), the program itself and its tests among them
	const megabytes = process.resourceUsage().maxRSS / 1024;
	if (SECONDS === undefined) expect(megabytes).toBeLessThan(MOST_MEGABYTES);
});

async function kept(target: Target, seconds: number): Promise<Finding[]> {
	const seed = Date.now();
	const end = performance.now() + 1000 * seconds;
	let rounds = 0;
	const goesOn = (round: number) => {
		rounds = round;
		return performance.now() < end;
	};
	const survived = surviving(target);
	const findings = await campaign(target, goesOn, {
		...{ seed, mostMs: MOST_MS, trying: survived.trying },
	});
	survived.done();
	for (const finding of findings)
		keep(target, await shortened(target, finding));
	process.stdout.write(
		`${target.name.padEnd(16)} ${rounds} mutations, ${findings.length} findings, seed ${seed}\n`,
	);
	return findings;
}
