import { rmSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import type { Case } from "./cases.js";
import { OpenedModel } from "./corpus.js";
import { answerCases, freshLoads, type Problems } from "./ops/answers.js";
import { familyNames, unpackFamily } from "./ops/family.js";
import { readNotYet, writeNotYet } from "./ops/not-yet.js";

/** `npm run ops`: nothing is held against the list of failing vectors, it is written anew. */
const REFRESH = process.env.MODE === "refresh";

const notYet = REFRESH ? {} : readNotYet();
const failing: Record<string, Record<string, string>> = {};

for (const name of familyNames()) {
	const { folder, dir, cases } = unpackFamily(name);
	const model = new OpenedModel(dir);
	describe(`${name}: answers as TensorFlow does`, () => {
		afterAll(() => {
			rmSync(folder, { recursive: true });
			report(name, new Set(cases.map(({ signature }) => signature)).size);
		});
		for (const group of freshLoads(cases)) {
			const answer = once(() => answerCases(model, group));
			for (const signature of signaturesOf(group))
				test(signature, async () => {
					const problem = (await answer()).get(signature);
					if (REFRESH) note(name, signature, problem);
					else hold(signature, problem, notYet[name]?.[signature]);
				});
		}
	});
}

afterAll(() => {
	if (REFRESH) writeNotYet(failing);
});

/** Fails where a vector does otherwise than the list of failing ones says. */
function hold(
	signature: string,
	problem: string | undefined,
	reason: string | undefined,
): void {
	if (reason === undefined && problem !== undefined) throw new Error(problem);
	if (reason !== undefined)
		expect(
			problem,
			`${signature} answers: npm run ops takes it off fixtures/ops/not-yet.json`,
		).toBeDefined();
}

function note(name: string, signature: string, problem?: string): void {
	if (problem !== undefined)
		failing[name] = { ...failing[name], [signature]: problem };
}

function report(name: string, total: number): void {
	if (!REFRESH) return;
	const failed = Object.keys(failing[name] ?? {}).length;
	process.stdout.write(`${name.padEnd(10)} ${total - failed} of ${total}\n`);
}

function signaturesOf(cases: readonly Case[]): Set<string> {
	return new Set(cases.map(({ signature }) => signature));
}

function once(make: () => Promise<Problems>): () => Promise<Problems> {
	let made: Promise<Problems> | undefined;
	return () => {
		made ??= make();
		return made;
	};
}
