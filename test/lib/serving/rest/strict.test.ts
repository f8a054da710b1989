import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Host } from "../../../../src/lib/serving/host.js";
import { loadModel } from "../../../../src/lib/serving/load.js";
import {
	answerCall,
	type RestService,
} from "../../../../src/lib/serving/rest/routes.js";
import { halfPlusTwoHost, MODEL } from "../examples/half-plus-two.js";
import { fakeEngine, heldSession, upstreamModel } from "../fake.js";
import { posted, serviceOf, textOf } from "./service.js";

// TensorFlow Serving's tensorflow_model_server_test.py and http_rest_api_handler_test.cc, on their model; texts and layouts
// from http_rest_api_handler.cc, json_tensor.cc and rapidjson 1.1.

const PATH = `/v1/models/${MODEL}`;

let host: Host;
let strict: RestService;
let ours: RestService;

beforeAll(async () => {
	host = await halfPlusTwoHost();
	host.setLabels(MODEL, new Map([["stable", 123n]]));
	strict = serviceOf(host, { compat: "strict" });
	ours = serviceOf(host);
});
afterAll(() => host.close());

const error = (text: string) => `{\n    "error": ${JSON.stringify(text)}\n}`;

describe("answerCall() answers as upstream does, in either mode", () => {
	test.each<[string, string, string]>([
		[
			":predict",
			'{"instances": [2.0, 3.0, 4.0]}',
			'{\n    "predictions": [3.0, 3.5, 4.0\n    ]\n}',
		],
		[
			":predict",
			'{"inputs": [2.0, 3.0]}',
			'{\n    "outputs": [\n        3.0,\n        3.5\n    ]\n}',
		],
		[
			":regress",
			'{"signature_name": "regress_x_to_y", "examples": [{"x": 80.0}, {"x": 2.0}]}',
			'{\n    "results": [42.0, 3.0]\n}',
		],
		[
			"/versions/123:classify",
			'{"signature_name": "classify_x_to_y", "examples": [{"x": 20.0}]}',
			'{\n    "results": [[["", 12.0]]\n    ]\n}',
		],
		[
			":classify",
			'{"signature_name": "classify_x_to_y", "context": {"x": 10.0}, "examples": [{}]}',
			'{\n    "results": [[["", 7.0]]\n    ]\n}',
		],
		[
			"/labels/stable:predict",
			'{"instances": [1.0, 2.0]}',
			'{\n    "predictions": [2.5, 3.0\n    ]\n}',
		],
		[
			"/labels/stable:regress",
			'{"signature_name": "regress_x_to_y", "examples": [{"x": 80.0}]}',
			'{\n    "results": [42.0]\n}',
		],
		[
			"/labels/%73table:classify",
			'{"signature_name": "classify_x_to_y", "examples": [{"x": 10.0}]}',
			'{\n    "results": [[["", 7.0]]\n    ]\n}',
		],
	])("POST %s %s", async (path, body, text) => {
		for (const service of [strict, ours])
			expect(await posted(service, `${PATH}${path}`, body)).toEqual([
				200,
				text,
			]);
	});
});

describe("answerCall() has upstream's words alone", () => {
	test.each<[string, string, number, string]>([
		[
			":predict",
			'{"instances": ["x", "y"]}',
			400,
			"Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: \"x\" Type: String is not of expected type: float",
		],
		[
			":predict",
			'{"signature_name": "no", "instances": [1]}',
			400,
			'Serving signature name: "no" not found in signature def',
		],
		[
			":regress",
			'{"signature_name": "no", "examples": [{"x": 2.0}]}',
			400,
			"No signature was found with the name: no",
		],
		[
			":regress",
			'{"examples": [{"x": 2.0}], "signature_name": ""}',
			400,
			'No regression inputs found in SignatureDef: inputs {\n  key: "x"\n  value {\n    name: "x:0"\n    dtype: DT_FLOAT\n    tensor_shape {\n      dim {\n        size: -1\n      }\n      dim {\n        size: 1\n      }\n    }\n  }\n}\noutputs {\n  key: "y"\n  value {\n    name: "y:0"\n    dtype: DT_FLOAT\n    tensor_shape {\n      dim {\n        size: -1\n      }\n      dim {\n        size: 1\n      }\n    }\n  }\n}\nmethod_name: "tensorflow/serving/predict"\n',
		],
		[
			"/labels/no:regress",
			'{"examples": [{"x": 2.0}]}',
			400,
			"Unrecognized servable version label: no",
		],
		[
			"/versions/9:classify",
			'{"examples": [{"x": 2.0}]}',
			404,
			`Servable not found for request: Specific(${MODEL}, 9)`,
		],
		// the body is read before the model is looked up
		[
			"/versions/9:classify",
			'{"examples": []}',
			400,
			"JSON Value: {\n    \"examples\": []\n} 'examples' value is an empty array",
		],
	])("POST %s %s", async (path, body, status, text) => {
		expect(await posted(strict, `${PATH}${path}`, body)).toEqual([
			status,
			error(text),
		]);
		const [known, more] = await posted(ours, `${PATH}${path}`, body);
		expect([known, JSON.parse(more).error]).toEqual([
			status,
			expect.stringContaining(text),
		]);
	});
});

describe("answerCall() keeps upstream's oddities where that is wanted, and else does not", () => {
	const oddities: [string, string, string, [number, string], number][] = [
		[
			"a query makes a route unknown",
			"POST",
			`${PATH}:predict?x=1`,
			[400, error(`Malformed request: POST ${PATH}:predict?x=1`)],
			200,
		],
		[
			"a query is a part of the name",
			"GET",
			`${PATH}?x=1`,
			[404, error(`Could not find any versions of model ${MODEL}?x=1`)],
			200,
		],
		[
			"a fragment as well",
			"GET",
			`${PATH}#top`,
			[404, error(`Could not find any versions of model ${MODEL}#top`)],
			200,
		],
		[
			"a version beyond 64 bits has no body",
			"POST",
			`${PATH}/versions/18446744073709551615:regress`,
			[400, ""],
			400,
		],
		[
			"there is no list of models",
			"GET",
			"/v1/models",
			[400, error("Missing model name in request.")],
			200,
		],
	];
	test.each(oddities)("%s: %s %s", async (_, method, url, expected, status) => {
		const call = { method, url, body: Buffer.from('{"instances": [1.0]}') };
		expect(await textOf(strict, call)).toEqual(expected);
		const [known, text] = await textOf(ours, call);
		expect(known).toBe(status);
		expect(text).not.toBe(expected[1]);
	});

	test("a label does not count in status", async () => {
		const call = { method: "GET", url: `${PATH}/labels/no` };
		const [status, text] = await textOf(strict, call);
		expect([status, JSON.parse(text).model_version_status]).toMatchObject([
			200,
			[{ version: "123", state: "AVAILABLE" }],
		]);
		expect((await textOf(ours, call))[0]).toBe(400);
	});

	test.each(["", "/versions/123", "/labels/stable"])(
		"the state at %s is that of the version that is meant",
		async (path) => {
			const call = { method: "GET", url: `${PATH}${path}` };
			for (const service of [strict, ours]) {
				const [status, text] = await textOf(service, call);
				expect([status, JSON.parse(text).model_version_status]).toEqual([
					200,
					[
						{
							version: "123",
							state: "AVAILABLE",
							status: { error_code: "OK", error_message: "" },
						},
					],
				]);
				const metadata = { ...call, url: `${call.url}/metadata` };
				expect(JSON.parse((await textOf(service, metadata))[1])).toMatchObject({
					model_spec: { name: MODEL, signature_name: "", version: "123" },
				});
			}
		},
	);

	test("integers are no floats of an example", async () => {
		const body =
			'{"signature_name": "regress_x_to_y", "examples": [{"x": 2}, {"x": [3]}]}';
		const [status, text] = await posted(strict, `${PATH}:regress`, body);
		// what comes of int64 is for the model to say
		expect(status).toBe(400);
		expect(text).toContain("int64");
		expect(await posted(ours, `${PATH}:regress`, body)).toEqual([
			200,
			'{\n    "results": [3.0, 3.5]\n}',
		]);
	});

	test("signatures without inputs cannot be called", async () => {
		const counter = new Host((dir) =>
			loadModel(dir, {}, async ({ signature }) => ({
				inputs: signature.inputs,
				outputs: signature.outputs,
				run: async () => ({
					output: { dtype: "float32", shape: [], data: Float32Array.of(3) },
				}),
				close: async () => undefined,
			})),
		);
		const dir = upstreamModel("saved_model_counter/00000123");
		await counter.addVersion("m", { version: 1n, dir });
		const body = '{"signature_name": "get_counter", "inputs": {}}';
		expect(
			await posted(
				serviceOf(counter, { compat: "strict" }),
				"/v1/models/m:predict",
				body,
			),
		).toEqual([
			400,
			error("Failed to get input map for signature: get_counter"),
		]);
		expect(
			await posted(serviceOf(counter), "/v1/models/m:predict", body),
		).toEqual([200, '{\n    "outputs": 3.0\n}']);
	});

	test("the version is not told", async () => {
		const call = {
			method: "POST",
			url: `${PATH}:predict`,
			body: Buffer.from('{"instances": [1.0]}'),
		};
		expect((await answerCall(strict, call)).headers).toBeUndefined();
		expect((await answerCall(ours, call)).headers).toEqual({
			"x-mlship-version": "123",
		});
	});
});

describe("answerCall() with a deadline", () => {
	test("answers 504 in upstream's words", async () => {
		const held = new Host((dir) =>
			loadModel(dir, {}, async () => heldSession()),
		);
		const dir = upstreamModel("saved_model_half_plus_two_cpu/00000123");
		await held.addVersion("m", { version: 1n, dir });
		expect(
			await posted(
				serviceOf(held, { timeoutMs: 1 }),
				"/v1/models/m:predict",
				'{"instances": [1.0]}',
			),
		).toEqual([504, error("Timed out waiting for notification")]);
	});

	test("answers what comes in time", async () => {
		const quick = new Host((dir) => loadModel(dir, {}, fakeEngine));
		const dir = upstreamModel("saved_model_half_plus_two_cpu/00000123");
		await quick.addVersion("m", { version: 1n, dir });
		expect(
			(
				await posted(
					serviceOf(quick, { timeoutMs: 30_000 }),
					"/v1/models/m:predict",
					'{"instances": [1.0]}',
				)
			)[0],
		).toBe(200);
	});
});
