import { describe, test } from "vitest";
import type { Case } from "./cases.js";
import { difference, type Tolerance } from "./close.js";
import { OpenedModel, readCorpus } from "./corpus.js";

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
			const tolerance = LOOSER[key] ?? LOOSER[name];
			test(`${signature} answers as TensorFlow does`, async () => {
				const found = await problems(opened(), signature, group, tolerance);
				// not expect(): it cuts long texts
				if (found.length > 0) throw new Error(found.join("; "));
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
	const isSequence = cases.some(({ sequence }) => sequence !== undefined);
	const session = await model.load(
		signature,
		"onnx",
		isSequence ? model.store : undefined,
	);
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
