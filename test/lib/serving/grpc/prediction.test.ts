import { fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ExampleSchema } from "../../../../src/gen/example_pb.js";
import {
	PredictionService,
	SignatureDefMapSchema,
} from "../../../../src/gen/prediction_pb.js";
import { DataType } from "../../../../src/gen/tensor_pb.js";
import {
	type GrpcServer,
	openGrpcServer,
} from "../../../../src/lib/serving/grpc/server.js";
import type { Host } from "../../../../src/lib/serving/host.js";
import {
	exampleOf,
	halfPlusTwoHost,
	MODEL,
} from "../examples/half-plus-two.js";
import { HALF_PLUS_TWO, upstreamModel } from "../fake.js";
import { clientOf } from "./client.js";

// Cases marked upstream are from TensorFlow Serving's tensorflow_model_server_test.py, predict_impl_test.cc,
// multi_inference_test.cc and get_model_metadata_impl_test.cc, on its models.

const { predict, classify, regress, multiInference, getModelMetadata } =
	PredictionService.method;

let host: Host;
let server: GrpcServer;
let client: ReturnType<typeof clientOf>;

beforeAll(async () => {
	host = await halfPlusTwoHost();
	await host.addVersion("counter", {
		version: 123n,
		dir: upstreamModel("saved_model_counter/00000123"),
	});
	await host.addVersion("tf2", {
		version: 123n,
		dir: upstreamModel("saved_model_half_plus_two_tf2_cpu/00000123"),
	});
	await host.addVersion("two", {
		version: 123n,
		dir: `${HALF_PLUS_TWO}/00000123`,
	});
	server = await openGrpcServer({
		host,
		address: "127.0.0.1",
		port: 0,
		maxBody: 2 ** 20,
		whyNotReady: () => undefined,
	});
	client = clientOf(`127.0.0.1:${server.port}`);
});

afterAll(async () => {
	client.close();
	await server.close();
	await host.close();
});

function floats(values: readonly number[], shape = [values.length]) {
	return {
		dtype: DataType.DT_FLOAT,
		tensorShape: { dim: shape.map((size) => ({ size: BigInt(size) })) },
		floatVal: [...values],
	};
}

const X = { x: floats([2]) };
const spec = (signatureName = "", name = MODEL) => ({ name, signatureName });

describe("Predict", () => {
	test.each([
		["without a filter", []],
		["with one", ["y"]],
	])("answers upstream's first case %s", async (_, outputFilter) => {
		const { response } = await client.call(predict, {
			modelSpec: spec(),
			inputs: X,
			outputFilter,
		});
		expect(response).toMatchObject({
			outputs: {
				y: {
					dtype: DataType.DT_FLOAT,
					tensorShape: { dim: [{ size: 1n }] },
					floatVal: [3],
				},
			},
			modelSpec: {
				name: MODEL,
				versionChoice: { case: "version", value: { value: 123n } },
				signatureName: "serving_default",
			},
		});
	});

	test("answers signatures of every method, and scalars with scalars, as upstream", async () => {
		const requests: MessageInitShape<typeof predict.input>[] = [
			{ modelSpec: spec(), inputs: { x: floats([2], []) } },
			{
				modelSpec: spec("regress_x2_to_y3"),
				inputs: { inputs: floats([2], [1, 1]) },
			},
			{
				modelSpec: spec("classify_x2_to_y3", "two"),
				inputs: { inputs: floats([2], [1, 1]) },
			},
		];
		const answers = await Promise.all(
			requests.map((request) => client.call(predict, request)),
		);
		expect(
			answers.map(({ response, error }) =>
				response
					? Object.values(response.outputs).map(({ floatVal }) => floatVal)
					: error,
			),
		).toEqual([[[3]], [[4]], [[4]]]);
	});

	test("calls signatures without inputs, and keeps their state, as upstream", async () => {
		const values: (readonly number[] | undefined)[] = [];
		for (const name of ["get", "incr", "reset", "incr"]) {
			const { response } = await client.call(predict, {
				modelSpec: spec(`${name}_counter`, "counter"),
			});
			values.push(response?.outputs.output.floatVal);
		}
		const { response } = await client.call(predict, {
			modelSpec: spec("incr_counter_by", "counter"),
			inputs: { delta: floats([3], []) },
		});
		expect([...values, response?.outputs.output.floatVal]).toEqual([
			[0],
			[1],
			[0],
			[1],
			[4],
		]);
	});

	const invalid = "INVALID_ARGUMENT";
	test.each<[string, MessageInitShape<typeof predict.input>, string, string]>([
		["no model", { inputs: X }, invalid, "Missing ModelSpec"],
		[
			"no name",
			{ modelSpec: {}, inputs: X },
			invalid,
			"ModelSpec has no name specified.",
		],
		[
			"an unknown model",
			{ modelSpec: spec("", "nobody"), inputs: X },
			"NOT_FOUND",
			'Servable not found for request: Latest(nobody); the models: "two", "counter", "tf2", "default"',
		],
		[
			"an unknown version",
			{
				modelSpec: {
					name: MODEL,
					versionChoice: { case: "version" as const, value: { value: 99n } },
				},
				inputs: X,
			},
			"NOT_FOUND",
			`Servable not found for request: Specific(${MODEL}, 99); the versions that answer: 123`,
		],
		[
			"an unknown signature",
			{ modelSpec: spec("nothing"), inputs: X },
			"FAILED_PRECONDITION",
			'Serving signature key "nothing" not found. (the model has "serving_default", "classify_x_to_y", "regress_x_to_y", "regress_x_to_y2", "regress_x2_to_y3")',
		],
		[
			"too few inputs",
			{ modelSpec: spec() },
			invalid,
			'input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. Missing but required: {x}. (signature "serving_default" wants "x" as float32 of shape [?,1])',
		],
		[
			"too many inputs",
			{ modelSpec: spec(), inputs: { z: floats([1]), ...X, b: floats([1]) } },
			invalid,
			'input size does not match signature: 3!=1 len({b,x,z}) != len({x}). Sent extra: {b,z}. Missing but required: {}. (signature "serving_default" wants "x" as float32 of shape [?,1])',
		],
		[
			"an input of another name",
			{ modelSpec: spec(), inputs: { y: floats([2]) } },
			invalid,
			'Signature input alias: x(feed name: x:0) not found in request and no default value provided. Inputs expected to be in the request {y}, or default input alias set: (signature "serving_default" wants "x" as float32 of shape [?,1])',
		],
		[
			"an output that is not there",
			{ modelSpec: spec(), inputs: X, outputFilter: ["z"] },
			invalid,
			"output tensor alias not found in signature: z Outputs expected to be in the set {y}.",
		],
		[
			"an output twice",
			{ modelSpec: spec(), inputs: X, outputFilter: ["y", "y"] },
			invalid,
			"duplicate output tensor alias: y",
		],
	])("refuses %s in upstream's words", async (_, request, code, text) => {
		expect((await client.call(predict, request)).error).toEqual({ code, text });
	});

	test.each([
		["no type", { ...floats([1]), dtype: DataType.DT_INVALID }],
		["a shape beyond all memory", floats([1], [2 ** 31, 2 ** 31])],
		["a shape that a few bytes would fill", floats([1], [2 ** 20])],
		["a negative dimension", floats([1], [-1])],
		["an unknown rank", { ...floats([1]), tensorShape: { unknownRank: true } }],
		["300 dimensions", floats([1], Array(300).fill(1))],
		[
			"fewer bytes than elements",
			{ ...floats([1], [2]), tensorContent: new Uint8Array(7) },
		],
		["no plain elements", { ...floats([1]), dtype: DataType.DT_RESOURCE }],
	])("refuses a tensor of %s", async (_, x) => {
		const { error } = await client.call(predict, {
			modelSpec: spec(),
			inputs: { x },
		});
		expect(error).toEqual({
			code: invalid,
			text: expect.stringMatching(/^tensor parsing error: x: /),
		});
	});

	test("refuses a tensor of another type than the signature's", async () => {
		const { error } = await client.call(predict, {
			modelSpec: spec(),
			inputs: { x: { ...floats([]), dtype: DataType.DT_INT32, intVal: [1] } },
		});
		expect(error?.code).toBe(invalid);
	});

	test("cuts long messages after 1024 bytes, and not within a character", async () => {
		const long = "é".repeat(2000);
		const { error } = await client.call(predict, {
			modelSpec: spec(long),
			inputs: X,
		});
		const words = 'Serving signature key "';
		expect(error?.text).toBe(
			`${words}${"é".repeat((1024 - words.length - 1) / 2)}...TRUNCATED`,
		);
	});
});

describe("requests that are no messages", () => {
	test.each([
		["random bytes", Buffer.from("e8f1a2b3c4d5e6f7ffffff", "hex")],
		["a varint without an end", Buffer.from("ff".repeat(20), "hex")],
		["an overlong length", Buffer.from("0affffffffffffffffff01", "hex")],
		["a length beyond the end", Buffer.from("0aff7f", "hex")],
		["groups that never end", Buffer.alloc(100_000, 0x4b)],
	])("are refused: %s", async (_, bytes) => {
		for (const method of [
			predict,
			classify,
			multiInference,
			getModelMetadata,
		]) {
			expect(await client.refusal(method, bytes)).toEqual({
				code: "INVALID_ARGUMENT",
				text: expect.stringMatching(/^cannot read the request: /),
			});
		}
		const { response } = await client.call(predict, {
			modelSpec: spec(),
			inputs: X,
		});
		expect(response?.outputs.y.floatVal).toEqual([3]);
	});
});

const EXAMPLE = fromBinary(ExampleSchema, exampleOf({ x: 2 }));
const INPUT = {
	kind: {
		case: "exampleList" as const,
		value: { examples: [EXAMPLE, EXAMPLE] },
	},
};
const ANSWERED = {
	name: MODEL,
	versionChoice: { case: "version", value: { value: 123n } },
};

const task = (kind: "regress" | "classify", name = MODEL) => ({
	modelSpec: spec(`${kind}_x_to_y`, name),
	methodName: `tensorflow/serving/${kind}`,
});

// testClassify, testRegress and testMultiInference, and the same with Tf2 behind
describe.each([MODEL, "tf2"])("of the model %s", (model) => {
	const ANSWERED = {
		name: model,
		versionChoice: { case: "version", value: { value: 123n } },
	};

	test("Classify and Regress answer upstream's cases", async () => {
		const modelSpec = spec("classify_x_to_y", model);
		const classified = await client.call(classify, { modelSpec, input: INPUT });
		expect(classified.response).toMatchObject({
			result: {
				classifications: [
					{ classes: [{ label: "", score: 3 }] },
					{ classes: [{ label: "", score: 3 }] },
				],
			},
			modelSpec: { ...ANSWERED, signatureName: "classify_x_to_y" },
		});
		const regressed = await client.call(regress, {
			modelSpec: spec("regress_x_to_y", model),
			input: INPUT,
		});
		expect(regressed.response).toMatchObject({
			result: { regressions: [{ value: 3 }, { value: 3 }] },
			modelSpec: { ...ANSWERED, signatureName: "regress_x_to_y" },
		});
	});

	test("MultiInference answers upstream's case", async () => {
		const { response } = await client.call(multiInference, {
			tasks: [task("regress", model), task("classify", model)],
			input: INPUT,
		});
		expect(response?.results).toMatchObject([
			{
				modelSpec: { ...ANSWERED, signatureName: "regress_x_to_y" },
				result: {
					case: "regressionResult",
					value: { regressions: [{ value: 3 }, { value: 3 }] },
				},
			},
			{
				modelSpec: { ...ANSWERED, signatureName: "classify_x_to_y" },
				result: {
					case: "classificationResult",
					value: {
						classifications: [
							{ classes: [{ score: 3 }] },
							{ classes: [{ score: 3 }] },
						],
					},
				},
			},
		]);
	});
});

describe("Classify and Regress", () => {
	test("give each example the features of a context", async () => {
		const { response } = await client.call(regress, {
			modelSpec: spec("regress_x_to_y"),
			input: {
				kind: {
					case: "exampleListWithContext",
					value: { examples: [{}, EXAMPLE], context: EXAMPLE },
				},
			},
		});
		expect(response?.result?.regressions.map(({ value }) => value)).toEqual([
			3, 3,
		]);
	});

	test("refuse no examples", async () => {
		const answers = [
			await client.call(classify, { modelSpec: spec("classify_x_to_y") }),
			await client.call(regress, { modelSpec: spec("regress_x_to_y") }),
		];
		const error = { code: "INVALID_ARGUMENT", text: "Input is empty." };
		expect(answers).toEqual([{ error }, { error }]);
	});
});

describe("MultiInference", () => {
	test.each([
		[[task("regress")], undefined, "INVALID_ARGUMENT", "Input is empty"],
		[
			[task("regress"), task("classify", "other")],
			INPUT,
			"INVALID_ARGUMENT",
			"must access the same model name",
		],
		[
			[task("regress"), task("regress")],
			INPUT,
			"INVALID_ARGUMENT",
			"Duplicate evaluation of signature: regress_x_to_y",
		],
		[
			[{ ...task("regress"), methodName: "nothing" }],
			INPUT,
			"UNIMPLEMENTED",
			"Unsupported signature method_name: nothing",
		],
	])("refuses what upstream refuses: %#", async (tasks, input, code, text) => {
		const { error } = await client.call(multiInference, {
			tasks,
			...(input && { input }),
		});
		expect(error).toEqual({ code, text: expect.stringContaining(text) });
	});
});

describe("GetModelMetadata", () => {
	test("packs the signatures, and tells name and version", async () => {
		const { response } = await client.call(getModelMetadata, {
			modelSpec: spec(),
			metadataField: ["signature_def"],
		});
		expect(response?.modelSpec).toMatchObject({
			...ANSWERED,
			signatureName: "",
		});
		const { typeUrl, value } = response?.metadata.signature_def ?? {
			typeUrl: "",
			value: new Uint8Array(),
		};
		expect(typeUrl).toBe(
			"type.googleapis.com/tensorflow.serving.SignatureDefMap",
		);
		const { signatureDef } = fromBinary(SignatureDefMapSchema, value);
		expect(signatureDef.serving_default).toMatchObject({
			inputs: { x: { encoding: { value: "x:0" }, dtype: DataType.DT_FLOAT } },
			methodName: "tensorflow/serving/predict",
		});
	});

	test.each([
		[
			{ modelSpec: spec() },
			"GetModelMetadataRequest must specify at least one metadata_field",
		],
		[
			{ modelSpec: spec(), metadataField: ["other"] },
			"Metadata field other is not supported",
		],
		[{ metadataField: ["signature_def"] }, "Missing ModelSpec"],
	])("refuses what upstream refuses: %#", async (request, text) => {
		const { error } = await client.call(getModelMetadata, request);
		expect(error).toEqual({ code: "INVALID_ARGUMENT", text });
	});
});
