import { beforeAll, describe, expect, test } from "vitest";
import { fail } from "../../../../src/lib/errors.js";
import { Host } from "../../../../src/lib/serving/host.js";
import { loadModel } from "../../../../src/lib/serving/load.js";
import {
	answerCall,
	type Call,
	type RestService,
} from "../../../../src/lib/serving/rest/routes.js";
import { fakeEngine, fakeHost, HALF_PLUS_TWO, upstreamModel } from "../fake.js";
import { serviceOf } from "./service.js";

// Cases marked upstream are from TensorFlow Serving's http_rest_api_handler_test.cc, on its model.

const NAME = "half_plus_two";
const MODEL = `/v1/models/${NAME}`;

let service: RestService;

beforeAll(async () => {
	const host = fakeHost();
	await host.addVersion(NAME, {
		version: 123n,
		dir: `${HALF_PLUS_TWO}/00000123`,
	});
	service = serviceOf(host);
});

describe("answerCall() of a predict request", () => {
	test.each<[string, string, unknown]>([
		// a shape beyond the declared [-1,1] passes
		[
			`${MODEL}:predict`,
			'{"instances": [[1.0,2.0],[3.0,4.0]]}',
			{
				predictions: [
					[2.5, 3],
					[3.5, 4],
				],
			},
		],
		[
			`${MODEL}/versions/123:predict`,
			'{"instances":[1.0,2.0]}',
			{ predictions: [2.5, 3] },
		],
		[
			`${MODEL}:predict`,
			'{"signature_name":"serving_default","instances":[3.0,4.0]}',
			{ predictions: [3.5, 4] },
		],
		[
			`${MODEL}:predict`,
			'{"signature_name":"serving_default","inputs":[3.0,4.0]}',
			{ outputs: [3.5, 4] },
		],
	])("answers POST %s %s as upstream does", async (url, body, expected) => {
		const answer = await post(url, body);
		expect(answer).toMatchObject({ status: 200, type: "application/json" });
		expect(answer.json).toEqual(expected);
	});

	test("lays the answer out as upstream does", async () => {
		const { text } = await post(`${MODEL}:predict`, '{"instances":[3.0,4,7]}');
		expect(text).toBe('{\n    "predictions": [3.5, 4.0, 5.5\n    ]\n}');
	});

	test.each([
		[
			"/v1/models/foo:predict",
			'Servable not found for request: Latest(foo); the models: "half_plus_two"',
		],
		[
			"/v1/models/foo/versions/50:predict",
			'Servable not found for request: Specific(foo, 50); the models: "half_plus_two"',
		],
		[
			`${MODEL}/versions/99:predict`,
			`Servable not found for request: Specific(${NAME}, 99); the versions that answer: 123`,
		],
	])("answers 404 to POST %s as upstream does", async (url, error) => {
		const { status, json } = await post(url, '{"instances":[1]}');
		expect(status).toBe(404);
		expect(json).toEqual({ error });
	});

	test.each([
		["", "The document is empty"],
		["instances = [1, 2]", "Invalid value"],
		['{"instances":["x","y"]}', "is not of expected type: float"],
		['{"signature_name":100}', "must be a string value"],
	])("answers 400 to the body %j as upstream does", async (body, words) => {
		const { status, json } = await post(`${MODEL}:predict`, body);
		expect(status).toBe(400);
		expect(json.error).toContain(words);
	});

	test("answers 400 to an unknown label as upstream does", async () => {
		const url = `${MODEL}/labels/unknown:predict`;
		const { status, json } = await post(url, '{"instances":[1]}');
		expect(status).toBe(400);
		expect(json.error).toBe(
			"Unrecognized servable version label: unknown; the model's labels: none",
		);
	});

	test("answers 400 to an unknown signature in upstream's words, and offers what there is", async () => {
		const body = '{"signature_name":"serving_defualt","instances":[1]}';
		const { status, json } = await post(`${MODEL}:predict`, body);
		expect(status).toBe(400);
		expect(json.error).toMatch(
			/^Serving signature name: "serving_defualt" not found in signature def; .*"serving_default"/,
		);
	});

	test("looks the model up before it looks at the tensors, as upstream does", async () => {
		const { status } = await post("/v1/models/foo:predict", '{"instances":7}');
		expect(status).toBe(404);
		const broken = await post("/v1/models/foo:predict", '{"instances":[1}');
		expect(broken.status).toBe(400);
	});

	test("answers 503 while the model is being loaded", async () => {
		const host = new Host(() => new Promise(() => {}));
		host.addVersion("m", { version: 1n, dir: "/m/1" });
		const call = { method: "POST", url: "/v1/models/m:predict" };
		const body = Buffer.from('{"instances":[1]}');
		const answer = await answerCall({ ...service, host }, { ...call, body });
		expect(answer.status).toBe(503);
	});

	test("answers 500 where the engine breaks down, without its cause", async () => {
		const host = await hostOf(async (source, options) => ({
			...(await fakeEngine(source, options)),
			run: async () => {
				throw fail("BUG", "kernel failed", { cause: new Error("/secret") });
			},
		}));
		const { status, text } = await post(
			"/v1/models/m:predict",
			'{"instances":[1]}',
			{ ...service, host },
		);
		expect(status).toBe(500);
		expect(text).not.toContain("secret");
	});

	test("takes the inner dimensions of an empty list from the signature", async () => {
		const seen: (readonly number[])[] = [];
		const host = await hostOf(async (source, options) => {
			const session = await fakeEngine(source, options);
			return {
				...session,
				run: (inputs) => {
					seen.push(inputs.x.shape);
					return session.run(inputs);
				},
			};
		});
		const { json } = await post("/v1/models/m:predict", '{"inputs": []}', {
			...service,
			host,
		});
		// the signature declares [-1,1]
		expect([seen, json]).toEqual([[[0, 1]], { outputs: [] }]);
	});

	test("calls a signature without inputs, which upstream cannot", async () => {
		const host = await hostOf(
			async ({ signature }) => ({
				inputs: signature.inputs,
				outputs: signature.outputs,
				run: async () => ({
					output: { dtype: "float32", shape: [], data: Float32Array.of(3) },
				}),
				close: async () => undefined,
			}),
			upstreamModel("saved_model_counter/00000123"),
		);
		const { status, json } = await post(
			"/v1/models/m:predict",
			'{"signature_name":"get_counter","inputs":{}}',
			{ ...service, host },
		);
		expect([status, json]).toEqual([200, { outputs: 3 }]);
	});

	test("does not mind a query or a fragment, unlike upstream", async () => {
		const body = '{"instances":[1.0]}';
		for (const url of [`${MODEL}:predict?x=1`, `${MODEL}:predict#top`])
			expect((await post(url, body)).status).toBe(200);
	});

	test("takes a whole address for its path", async () => {
		const url = `http://localhost:8501${MODEL}:predict`;
		expect((await post(url, '{"instances":[1.0]}')).status).toBe(200);
	});
});

describe("answerCall() of a status request", () => {
	test.each([MODEL, `${MODEL}/versions/123`, `${MODEL}/versions/0123?x=1`])(
		"answers GET %s as upstream does",
		async (url) => {
			const { status, json } = await get(url);
			expect(status).toBe(200);
			expect(json).toEqual({
				model_version_status: [
					{
						version: "123",
						state: "AVAILABLE",
						status: { error_code: "OK", error_message: "" },
					},
				],
			});
		},
	);

	test.each([
		[
			"/v1/models/foo",
			'Could not find any versions of model foo; the models: "half_plus_two"',
		],
		[
			"/v1/models/foo/versions/1",
			'Could not find any versions of model foo; the models: "half_plus_two"',
		],
		[
			`${MODEL}/versions/9`,
			`Could not find version 9 of model ${NAME}; the versions that answer: 123`,
		],
	])("answers 404 to GET %s as upstream does", async (url, error) => {
		const { status, json } = await get(url);
		expect([status, json]).toEqual([404, { error }]);
	});

	test("counts labels, unlike upstream", async () => {
		const { status, json } = await get(`${MODEL}/labels/stable`);
		expect(status).toBe(400);
		expect(json.error).toBe(
			"Unrecognized servable version label: stable; the model's labels: none",
		);
	});
});

describe("answerCall() of a metadata request", () => {
	test("answers for the version that is meant", async () => {
		const { status, json } = await get(`${MODEL}/metadata`);
		expect(status).toBe(200);
		expect(json.model_spec).toEqual({
			name: NAME,
			signature_name: "",
			version: "123",
		});
		expect(Object.keys(json.metadata.signature_def.signature_def)).toContain(
			"serving_default",
		);
	});

	test("answers 404 for a model that is not there", async () => {
		const { status, json } = await get("/v1/models/foo/metadata");
		expect([status, json]).toEqual([
			404,
			{
				error:
					'Servable not found for request: Latest(foo); the models: "half_plus_two"',
			},
		]);
	});
});

describe("answerCall() of other requests", () => {
	const REQUESTS =
		"; there are POST /v1/models/NAME:predict, :classify and :regress, GET /v1/models/NAME and /v1/models/NAME/metadata; /versions/NUMBER or /labels/LABEL may follow NAME";

	test("lists the models", async () => {
		const { json } = await get("/v1/models");
		expect(json.models).toMatchObject([{ name: NAME }]);
	});

	test.each([
		["GET", "/v1/foo", `Malformed request: GET /v1/foo${REQUESTS}`],
		["POST", "/v1/models", `Malformed request: POST /v1/models${REQUESTS}`],
		["PUT", `${MODEL}`, `Malformed request: PUT ${MODEL}${REQUESTS}`],
		["GET", "/v1/", `Malformed request: GET /v1/${REQUESTS}`],
		["GET", "/v1/models/versions/3", "Missing model name in request."],
		// upstream answers without a body
		[
			"POST",
			`${MODEL}/versions/18446744073709551615:regress`,
			"Failed to convert version: 18446744073709551615 to numeric.",
		],
	])("answers 400 to %s %s", async (method, url, error) => {
		const { status, text } = await call({ method, url });
		expect([status, text]).toEqual([400, `{\n    "error": "${error}"\n}`]);
	});

	test.each(["/", "/v1", "/health", "/v2/models", "/constructor"])(
		"answers %s with upstream's page",
		async (url) => {
			// libevent 2.1.12, http.c, evhttp_send_error
			expect(await answerCall(service, { method: "GET", url })).toEqual({
				status: 404,
				type: "text/html",
				body: "<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n<H1>Not Found</H1>\n</BODY></HTML>\n",
				headers: { Connection: "close" },
			});
		},
	);

	test("answers that it lives, and whether it is ready", async () => {
		const starting = {
			...service,
			whyNotReady: () => "models are being loaded",
		};
		const statusOf = async (url: string, on = service) =>
			(await answerCall(on, { method: "GET", url })).status;
		expect(await statusOf("/livez", starting)).toBe(200);
		expect(await statusOf("/healthz?verbose", starting)).toBe(200);
		expect(await statusOf("/readyz", starting)).toBe(503);
		expect(await statusOf("/readyz")).toBe(200);
	});

	test.each([
		["http://a.example", 200],
		["https://a.example", 200],
		["null", 400],
		[undefined, 400],
	])(
		"answers OPTIONS from the origin %s with %i and no body",
		async (origin, status) => {
			const answer = await call({ method: "OPTIONS", url: "/v1/x", origin });
			expect([answer.status, answer.text]).toEqual([status, ""]);
		},
	);

	test("lets pages of other origins call where that is wanted", async () => {
		const open = { ...service, cors: true };
		const headers = {
			"Access-Control-Allow-Origin": "*",
			"Access-Control-Allow-Methods": "POST, GET",
			"Access-Control-Allow-Headers": "Content-Type",
		};
		for (const url of [MODEL, "/v1/foo"]) {
			const answer = await answerCall(open, { method: "GET", url });
			expect(answer.headers).toEqual(headers);
		}
		const probe = await answerCall(open, { method: "GET", url: "/livez" });
		expect(probe.headers).toBeUndefined();
	});
});

async function hostOf(
	open: typeof fakeEngine,
	dir = `${HALF_PLUS_TWO}/00000123`,
): Promise<Host> {
	const host = new Host((path) => loadModel(path, {}, open));
	await host.addVersion("m", { version: 1n, dir });
	return host;
}

function get(url: string) {
	return call({ method: "GET", url });
}

function post(url: string, body: string, on = service) {
	return call({ method: "POST", url, body: Buffer.from(body) }, on);
}

async function call(request: Call, on = service) {
	const { status, type, body } = await answerCall(on, request);
	const text = Buffer.from(body).toString();
	return {
		status,
		type,
		text,
		get json() {
			return JSON.parse(text);
		},
	};
}
