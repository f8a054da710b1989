import { describe, expect, test } from "vitest";
import { Host } from "../src/lib/serving/host.js";
import { loadModel } from "../src/lib/serving/load.js";
import { answerCall } from "../src/lib/serving/rest/routes.js";
import { elementCount, type Tensor } from "../src/lib/tensor/tensor.js";
import { type Case, parseCases } from "./cases.js";
import { difference } from "./close.js";
import { readCorpus } from "./corpus.js";

/** The models that answer over REST. */
const SERVED =
	/^(digits|mobile|unet|transformer|dtypes|tfjs-node|tensorflow-serving)\b/;

/** Signatures that do not: variables cannot be set yet; bytes that are no UTF-8 are written as upstream does, so unreadably. */
const NOT_READ = /:(incr_counter|incr_counter_by|reset_counter|same_string)$/;

for (const { name, dir, cases } of readCorpus().filter(({ name }) =>
	SERVED.test(name),
))
	describe(`${name} over REST`, () => {
		const host = new Host((path) =>
			loadModel(path, { workers: 1, threads: 1 }),
		);
		const signatures = new Set(cases.map(({ signature }) => signature));
		for (const signature of signatures) {
			if (NOT_READ.test(`${name}:${signature}`)) continue;
			test(`${signature} answers as TensorFlow does`, async () => {
				await host.addVersion(name, { version: 1n, dir }).catch(() => {});
				const asked = cases.filter((item) => item.signature === signature);
				for (const [index, item] of asked.entries())
					for (const form of formsOf(item)) {
						const { status, body } = await answerCall(
							{ host, cors: false, whyNotReady: () => undefined },
							{
								method: "POST",
								url: `/v1/models/${encodeURIComponent(name)}:predict`,
								body: Buffer.from(requestOf(item, form)),
							},
						);
						const text = Buffer.from(body).toString();
						expect(status, text).toBe(200);
						const found = problems(answerOf(text, item, form), item.outputs);
						expect(found, `case ${index} as ${form}`).toEqual([]);
					}
			});
		}
	});

type Form = "instances" | "inputs";

/** Rows too where one input with a batch goes in and one output with as many rows comes out. */
function formsOf({ inputs, outputs }: Case): Form[] {
	const [input, ...otherInputs] = Object.values(inputs);
	const [output, ...otherOutputs] = Object.values(outputs);
	const isRows =
		otherInputs.length + otherOutputs.length === 0 &&
		input?.shape[0] > 0 &&
		output.shape.length > 0;
	return isRows ? ["inputs", "instances"] : ["inputs"];
}

function requestOf({ signature, inputs, text }: Case, form: Form): string {
	const [only] = Object.keys(inputs);
	// {"only": value} without its braces and its name
	const value =
		form === "inputs"
			? text.inputs
			: text.inputs.slice(JSON.stringify(only).length + 2, -1);
	return `{"signature_name": ${JSON.stringify(signature)}, "${form}": ${value}}`;
}

/** The tensors of an answer, read without the library. */
function answerOf(text: string, { outputs }: Case, form: Form) {
	const key = form === "inputs" ? '"outputs": ' : '"predictions": ';
	const value = text.slice(
		text.indexOf(key) + key.length,
		text.lastIndexOf("}"),
	);
	const names = Object.keys(outputs);
	const named =
		names.length === 1 ? `{${JSON.stringify(names[0])}: ${value}}` : value;
	const rows = (pick: (output: Tensor) => unknown, only = names) =>
		JSON.stringify(
			Object.fromEntries(only.map((name) => [name, pick(outputs[name])])),
		);
	// a list without elements does not tell its shape
	const empty = names.filter((name) => elementCount(outputs[name].shape) === 0);
	const dtypes = rows(({ dtype }) => dtype);
	const shapes = rows(({ shape }) => shape.map(String), empty);
	const [answer] = parseCases(
		`[{"signature": "", "inputs": {}, "outputs": ${named}, "dtypes": ${dtypes}, "shapes": ${shapes}}]`,
	);
	return answer.outputs;
}

function problems(
	actual: Case["outputs"],
	expected: Case["outputs"],
): string[] {
	return Object.entries(expected).flatMap(([name, tensor]) => {
		const problem = difference(actual[name], tensor);
		return problem === undefined ? [] : [`output "${name}": ${problem}`];
	});
}
