import { describe, expect, test } from "vitest";
import { openSource } from "../../../../src/lib/convert/source.js";
import { openInterpreter } from "../../../../src/lib/convert/verify/interpreter/run.js";
import { difference } from "../../../close.js";
import { readCorpus } from "../../../corpus.js";

const CORPUS = readCorpus();

/** Models whose operations all have a kernel in TypeScript: convolutions, recurrent loops, tables and text among them. */
const RUN = ["digits", "mobile", "rnn", "tabular", "text", "zoo_conv2d"];

describe.each(RUN)("the interpreter runs %s", (name) => {
	const models = CORPUS.filter(
		(model) => model.name === name || model.name.startsWith(`${name}@`),
	);

	test("and answers as TensorFlow does", async () => {
		let asked = 0;
		for (const { dir, cases } of models)
			for (const { signature, inputs, outputs } of cases) {
				const source = await openSource(dir, { signature });
				const opened = openInterpreter(source.programs[0]);
				const made = await opened.run(inputs);
				for (const [key, expected] of Object.entries(outputs))
					expect(difference(made[key], expected)).toBeUndefined();
				asked++;
			}
		expect(asked).toBeGreaterThan(0);
	});
});

test("a node without a kernel is refused by name", async () => {
	const source = await openSource("fixtures/models/detector/1");
	const opened = openInterpreter(source.programs[0]);
	const inputs = CORPUS.find(({ name }) => name === "detector")?.cases[0]
		.inputs;
	await expect(opened.run(inputs ?? {})).rejects.toMatchObject({
		code: "UNSUPPORTED",
		message: expect.stringMatching(/no kernel computes/),
	});
});
