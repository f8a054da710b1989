import { describe, expect, test } from "vitest";
import { readCorpus } from "./corpus.js";
import { answerOf, formsOf, problems, requestOf } from "./dialect.js";
import { runCli } from "./run-cli.js";

/** The models that have to answer at the prompt. */
const ASKED = /^(digits|mobile|unet|transformer|dtypes|tfjs-node)\b/;

/** Bytes that are no UTF-8 are written as upstream does, so unreadably. */
const NOT_READ = "dtypes:same_string";

for (const { name, dir, cases } of readCorpus().filter(({ name }) =>
	ASKED.test(name),
))
	describe(`mlship predict ${name}`, () => {
		for (const [index, item] of cases.entries()) {
			if (`${name}:${item.signature}` === NOT_READ) continue;
			for (const form of formsOf(item))
				test(`answers ${item.signature} as TensorFlow does, case ${index} as ${form}`, async () => {
					const { code, stdout, stderr } = await runCli(
						["predict", dir, "--request", "-"],
						{ stdin: requestOf(item, form) },
					);
					expect(code, stderr).toBe(0);
					const found = problems(answerOf(stdout, item, form), item.outputs);
					expect(found).toEqual([]);
				});
		}
	});
