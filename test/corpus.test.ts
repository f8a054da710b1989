import { describe, expect, test } from "vitest";
import type { Case } from "./cases.js";
import { difference, type Tolerance } from "./close.js";
import { OpenedModel, readCorpus } from "./corpus.js";

/** What the engines cannot do yet, and why. A row whose signature answers correctly fails: take it out then. */
const NOT_YET: Readonly<Record<string, string>> = {
	"tensorflow-serving/saved_model_counter:incr_counter_by":
		"it sets a variable",
};

/** Where float32 answers come out of half arithmetic, which may round less often elsewhere. */
const LOOSER: Readonly<Record<string, Tolerance>> = {
	"zoo_precision:mixed": { rtol: 1e-2 },
	zoo_half_policy: { rtol: 1e-2, atol: 1e-3 },
};

for (const { name, dir, cases } of readCorpus())
	describe(name, () => {
		const opened = once(() => new OpenedModel(dir));
		for (const [signature, group] of bySignature(cases)) {
			const key = `${name}:${signature}`;
			const reason = NOT_YET[key] ?? NOT_YET[name];
			const tolerance = LOOSER[key] ?? LOOSER[name];
			if (reason === undefined)
				test(`${signature} answers as TensorFlow does`, async () => {
					const found = await problems(opened(), signature, group, tolerance);
					// not expect(): it cuts long texts
					if (found.length > 0) throw new Error(found.join("; "));
				});
			else
				test(`${signature} is not expected to answer yet: ${reason}`, async () => {
					const found = await problems(
						opened(),
						signature,
						group,
						tolerance,
					).catch((error: unknown) => [String(error)]);
					expect(found, `${key} answers: take it out of NOT_YET`).not.toEqual(
						[],
					);
				});
		}
	});

function bySignature(cases: readonly Case[]): Map<string, Case[]> {
	const groups = new Map<string, Case[]>();
	for (const item of cases)
		groups.set(item.signature, [...(groups.get(item.signature) ?? []), item]);
	return groups;
}

function once<T>(make: () => T): () => T {
	let made: { readonly value: T } | undefined;
	return () => {
		made ??= { value: make() };
		return made.value;
	};
}

/** What is wrong with each case's answer; empty if all are as TensorFlow's. */
async function problems(
	model: OpenedModel,
	signature: string,
	cases: readonly Case[],
	tolerance: Tolerance | undefined,
): Promise<string[]> {
	const session = await model.load(signature, "onnx");
	try {
		const found: string[] = [];
		for (const [index, { inputs, outputs }] of cases.entries()) {
			const actual = await session.run(inputs);
			for (const [name, expected] of Object.entries(outputs)) {
				const problem = difference(actual[name], expected, tolerance);
				if (problem !== undefined)
					found.push(`case ${index}, output "${name}": ${problem}`);
			}
		}
		return found;
	} finally {
		await session.close();
	}
}
