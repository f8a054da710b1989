import { describe, expect, test } from "vitest";
import { ENGINES, loadProgram } from "../../src/lib/engines/index.js";
import { asMlshipError } from "../../src/lib/errors.js";
import { type LoadedVersion, loadModel } from "../../src/lib/serving/load.js";
import {
	allocate,
	type Tensor,
	type Tensors,
} from "../../src/lib/tensor/tensor.js";
import { difference, expectClose } from "../close.js";
import { type CorpusModel, readCorpus } from "../corpus.js";
import { node, program } from "../lib/graph/programs.js";

/** Models that every engine answers, all signatures. */
const ANSWERED: readonly string[] = [
	"digits",
	"digits@2",
	"detector",
	"mobile",
	"rnn",
	"transformer",
	"unet",
	"tensorflow/half_plus_two",
	"tensorflow/half_plus_two_pbtxt",
	"tensorflow-serving/saved_model_half_plus_three",
	"tfjs-node/times_three_float",
	"tfjs-node/times_two_int",
	"tfjs-node/module_with_multiple_signatures",
];

/** Models of which engines may refuse a signature when it is loaded, but never answer another number. */
const ANSWERED_OR_REFUSED: readonly string[] = [
	"control",
	"dtypes",
	"estimator_like",
	"image_bytes",
	"tabular",
	"text",
	"tfjs-node/int64_multiply",
	"tfjs-node/uint8_multiply",
	"zoo_conv2d",
	"zoo_integers",
	"zoo_pool",
	"zoo_slice",
];

const CORPUS = new Map(readCorpus().map((model) => [model.name, model]));

for (const name of Object.keys(ENGINES)) {
	const absent = await whyAbsent(name);
	const title = `engine ${name}${absent === undefined ? "" : ` ${absent}`}`;
	describe.skipIf(absent !== undefined)(title, () => {
		test.each(ANSWERED)("answers %s as TensorFlow does", async (model) => {
			expect(await answers(modelOf(model), name)).toEqual([]);
		});

		test.each(ANSWERED_OR_REFUSED)(
			"answers %s as TensorFlow does, or says that it cannot",
			async (model) => {
				const found = await answers(modelOf(model), name);
				expect(found.filter(({ code }) => !REFUSALS.has(code))).toEqual([]);
			},
		);

		test("says what a signature takes and gives", () =>
			withDigits(name, async (version) => {
				const { inputs, outputs } = await version.use(
					"serving_default",
					async (session) => session,
				);
				expect(inputs).toMatchObject([
					{ name: "image", dtype: "float32", shape: [-1, 28, 28, 1] },
				]);
				expect(outputs).toMatchObject([
					{ name: "output_0", dtype: "float32", shape: [-1, 10] },
				]);
			}));

		test("runs no rows", () =>
			withDigits(name, async (version) => {
				const { output_0 } = await ask(version, picture(0));
				expect(output_0).toMatchObject({ dtype: "float32", shape: [0, 10] });
				expect(output_0.data).toHaveLength(0);
				// and rows again
				const { output_0: one } = await ask(version, picture(1));
				expect(one.shape).toEqual([1, 10]);
			}));

		test("answers each of the requests that come at once", () =>
			withDigits(
				name,
				async (version) => {
					const rows = [1, 2, 3, 4, 5, 6, 7, 8];
					const alone = [];
					for (const count of rows)
						alone.push(await ask(version, picture(count)));
					const together = await Promise.all(
						rows.map((count) => ask(version, picture(count))),
					);
					for (const [i, { output_0 }] of together.entries())
						expectClose(output_0, alone[i].output_0);
				},
				{ workers: 2 },
			));

		test("refuses an index that points nowhere, and goes on", async () => {
			const { dir, cases } = modelOf("zoo_gather");
			const good = cases.find(({ signature }) => signature === "by_input");
			const version = await loadModel(dir, {
				engine: name,
				workers: 1,
				lazy: true,
			});
			const gather = (inputs: Tensors) =>
				version.use("by_input", (session) => session.run(inputs));
			// an index 9 into five rows
			const ids = int32([2, 2], 9, 0, 1, 2);
			const x = good?.inputs.x ?? ids;
			await expect(gather({ x, ids })).rejects.toMatchObject({
				code: "INVALID",
			});
			const { y } = await gather(good?.inputs ?? {});
			expectClose(y, good?.outputs.y ?? ids);
			await version.close();
		});

		test("does not run once it is closed", async () => {
			const version = await loadModel(modelOf("digits@2").dir, {
				engine: name,
				workers: 1,
			});
			const session = await version.use(
				"serving_default",
				async (opened) => opened,
			);
			const running = session
				.run({ image: picture(1) })
				.catch((error: unknown) => asMlshipError(error).code);
			await session.close();
			await session.close();
			await expect(session.run({ image: picture(1) })).rejects.toMatchObject({
				code: "NOT_READY",
			});
			// it may have been faster than the closing
			expect(await running).toSatisfy(
				(answer: unknown) =>
					answer === "NOT_READY" || typeof answer === "object",
			);
			await version.close();
		});

		test("refuses what it cannot run when it is loaded, with its reasons", async () => {
			const strange = program(
				[2],
				[node("a/one", "FrobnicateV2", ["input:x"])],
				"a/one:0",
			);
			const refusal = loadProgram(strange, name);
			await expect(refusal).rejects.toMatchObject({ code: "UNSUPPORTED" });
			await expect(refusal).rejects.toThrow(`engine "${name}"`);
		});
	});
}

/** What may happen instead of an answer: refused when it is loaded, or an int64 that is too large for the engine. */
const REFUSALS: ReadonlySet<string> = new Set(["UNSUPPORTED", "INVALID"]);

interface Finding {
	readonly signature: string;
	/** An error's, or `WRONG`. */
	readonly code: string;
	readonly message: string;
}

/** What went otherwise than TensorFlow's answers. */
async function answers(
	{ dir, cases }: CorpusModel,
	engine: string,
): Promise<readonly Finding[]> {
	const version = await loadModel(dir, { engine, workers: 0, lazy: true });
	const found: Finding[] = [];
	for (const { signature, inputs, outputs } of cases) {
		try {
			const actual = await version.use(signature, (session) =>
				session.run(inputs),
			);
			for (const [name, expected] of Object.entries(outputs)) {
				const message = difference(actual[name], expected);
				if (message !== undefined)
					found.push({ signature, code: "WRONG", message });
			}
		} catch (error) {
			const { code, message } = asMlshipError(error);
			found.push({ signature, code, message });
		}
	}
	await version.close();
	return found;
}

/** Why an engine is not tested: what it needs is not installed. */
async function whyAbsent(name: string): Promise<string | undefined> {
	const plain = program([1], [], "input:x");
	const { dir } = modelOf("digits@2");
	const origin = {
		dir,
		tags: [],
		signature: {
			key: "serving_default",
			methodName: "",
			inputs: [],
			outputs: [],
			defaults: new Map(),
		},
	};
	const obstacles = (await ENGINES[name]()).obstacles(plain, origin);
	return obstacles.map(({ reason }) => reason).at(0);
}

function modelOf(name: string): CorpusModel {
	const model = CORPUS.get(name);
	if (model === undefined) throw new Error(`fixtures/models has no ${name}`);
	return model;
}

async function withDigits(
	engine: string,
	task: (version: LoadedVersion) => Promise<void>,
	options: { readonly workers?: number } = {},
): Promise<void> {
	const version = await loadModel(modelOf("digits@2").dir, {
		workers: 1,
		...options,
		engine,
	});
	try {
		await task(version);
	} finally {
		await version.close();
	}
}

function int32(shape: readonly number[], ...values: number[]): Tensor {
	return { dtype: "int32", shape, data: Int32Array.from(values) };
}

function ask(version: LoadedVersion, image: Tensor) {
	return version.use("serving_default", (session) => session.run({ image }));
}

/** So many pictures, each of another grey. */
function picture(rows: number): Tensor {
	const data = allocate("float32", rows * 784) as Float32Array;
	for (let i = 0; i < data.length; i++)
		data[i] = (((i % 784) * 7 + Math.floor(i / 784)) % 11) / 11;
	return { dtype: "float32", shape: [rows, 28, 28, 1], data };
}
