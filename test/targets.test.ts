import { rmSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { loadTarget, TARGETS } from "../src/lib/convert/targets.js";
import { OpenedModel } from "./corpus.js";
import { familyNames, unpackFamily } from "./ops/family.js";
import { readTargetsNotYet, writeTargetsNotYet } from "./ops/not-yet.js";
import { answersInTarget } from "./ops/targets.js";

/** `npm run ops`: nothing is held against the list of failing vectors, it is written anew. */
const REFRESH = process.env.MODE === "refresh";

/**
 * `MLSHIP_ASK=lite/dtype/Cast__ npx vitest run --mode ask test/targets.test.ts` asks vectors of a family, whose names begin so, of a
 * target and tells what is wrong with each; every part may be left out.
 */
const ASK = process.env.MODE === "ask";
const [askTarget, askFamily, askName = ""] = ASK
	? (process.env.MLSHIP_ASK ?? "").split("/")
	: [];

const notYet = REFRESH || ASK ? {} : readTargetsNotYet();
const failing: Record<string, Record<string, Record<string, string>>> = {};

const asked = (names: readonly string[], wanted: string | undefined) =>
	wanted ? names.filter((name) => name === wanted) : names;

describe.each(asked(Object.keys(TARGETS), askTarget))(
	"converted to %s",
	(name) => {
		test.each(asked(familyNames(), askFamily))(
			"vectors of %s answer as TensorFlow does, but for those that are listed",
			async (family) => {
				const { folder, dir, cases } = unpackFamily(family);
				try {
					const problems = await answersInTarget(
						new OpenedModel(dir),
						cases.filter(({ signature }) => signature.startsWith(askName)),
						await loadTarget(name),
						folder,
					);
					failing[name] = {
						...failing[name],
						[family]: Object.fromEntries(problems),
					};
					if (REFRESH) return;
					if (ASK) {
						for (const [key, reason] of problems)
							console.log(`${name} ${family} ${key}: ${reason}`);
						return;
					}
					const listed = notYet[name]?.[family] ?? {};
					const unlike = [...problems].filter(([key]) => !(key in listed));
					expect(unlike, "answer otherwise").toEqual([]);
					const alike = Object.keys(listed).filter((key) => !problems.has(key));
					expect(alike, "npm run ops takes them off the list").toEqual([]);
				} finally {
					rmSync(folder, { recursive: true });
				}
			},
			600_000,
		);
	},
);

afterAll(() => {
	// those of targets and families that were not asked stay
	if (!REFRESH) return;
	const before = readTargetsNotYet();
	const merged = Object.keys(TARGETS).map((name) => [
		name,
		{ ...before[name], ...failing[name] },
	]);
	writeTargetsNotYet(Object.fromEntries(merged));
});
