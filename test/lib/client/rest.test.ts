import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import {
	fetchSignatures,
	parseModelUrl,
	postPredict,
	predictOnServer,
} from "../../../src/lib/client/rest.js";
import { findSignature } from "../../../src/lib/savedmodel/signature.js";
import { tensor } from "../../../src/lib/tensor/tensor.js";

const open: Server[] = [];
afterEach(() => {
	for (const server of open.splice(0)) server.close().closeAllConnections();
});

/** A server that gives one answer and keeps what it was asked. */
async function answering(
	status: number,
	body: string | Uint8Array,
): Promise<{ url: string; asked: string[] }> {
	const asked: string[] = [];
	const server = createServer(async (request, response) => {
		asked.push(`${request.method} ${request.url} ${await text(request)}`);
		response.writeHead(status).end(body);
	});
	open.push(server.listen(0, "127.0.0.1"));
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${port}/v1/models/half`, asked };
}

/** What TensorFlow Serving's own test expects of its metadata. */
const METADATA = readFileSync(
	"fixtures/models/tensorflow-serving/half_plus_two_model_metadata.json",
);

describe("parseModelUrl()", () => {
	test.each([
		["http://h:8501/v1/models/m", "http://h:8501/v1/models/m"],
		["http://h:8501/v1/models/m:predict", "http://h:8501/v1/models/m"],
		["https://h/v1/models/m/versions/3/", "https://h/v1/models/m/versions/3"],
		[
			"http://h/proxy/v1/models/m%2Fx/labels/stable",
			"http://h/proxy/v1/models/m%2Fx/labels/stable",
		],
	])("takes %s", (given, url) => {
		expect(parseModelUrl(given)).toBe(url);
	});

	test.each([
		"http://h:8501",
		"http://h/v1/models",
		"http://",
		"http://h/v1/models/m/versions/x",
	])("refuses %s", (given) => {
		expect(() => parseModelUrl(given)).toThrow(
			expect.objectContaining({ code: "INVALID" }),
		);
	});
});

test("fetchSignatures() reads TensorFlow Serving's metadata", async () => {
	const { url, asked } = await answering(200, METADATA);
	const metaGraph = await fetchSignatures({ url });
	expect(asked).toEqual(["GET /v1/models/half/metadata "]);
	expect(findSignature(metaGraph)).toMatchObject({
		key: "serving_default",
		inputs: [{ name: "x", dtype: "float32", shape: [-1, 1] }],
		outputs: [{ name: "y", dtype: "float32", shape: [-1, 1] }],
	});
});

test("predictOnServer() sends all tensors in one request and reads the outputs", async () => {
	const { url, asked } = await answering(
		200,
		'{\n    "outputs": {\n "s": [{"b64": "AP8="}],\n "y": [\n [2.5], [NaN]]}\n}',
	);
	const port = (name: string, dtype: "float32" | "string") => ({
		name,
		tensorName: `${name}:0`,
		dtype,
		shape: [-1],
	});
	const outputs = await predictOnServer(
		{ url },
		{
			key: "sum",
			methodName: "",
			inputs: [port("x", "float32"), port("t", "string")],
			outputs: [port("s", "string"), port("y", "float32")],
			defaults: new Map(),
		},
		{
			x: tensor("float32", [2], Float32Array.of(1, 0.1)),
			t: tensor("string", [1], [Uint8Array.of(0x68, 0x69)]),
		},
	);
	expect(asked).toEqual([
		'POST /v1/models/half:predict {"signature_name":"sum","inputs":{"x":[1.0,0.1],"t":[{"b64":"aGk="}]}}',
	]);
	expect(outputs).toEqual({
		s: tensor("string", [1], [Uint8Array.of(0, 0xff)]),
		y: tensor("float32", [2, 1], Float32Array.of(2.5, NaN)),
	});
});

describe("postPredict() passes on what a server says", () => {
	test.each([
		[
			400,
			'{\n    "error": "bad \\"x\\""\n}',
			"INVALID",
			'answered 400: bad "x"',
		],
		[
			404,
			'{"error": "Servable not found"}',
			"NOT_FOUND",
			"answered 404: Servable not found",
		],
		[501, '{"error": "no"}', "UNSUPPORTED", "answered 501: no"],
		[503, "<html>busy</html>", "NOT_READY", "answered 503: <html>busy</html>"],
		[500, "", "NOT_READY", "answered 500: "],
	])("%s", async (status, body, code, message) => {
		const { url } = await answering(status, body);
		await expect(postPredict({ url }, Buffer.from("{}"))).rejects.toMatchObject(
			{ code, message: `${url}:predict ${message}` },
		);
	});

	test("and says so where there is none", async () => {
		const { url } = await answering(200, "");
		open.splice(0).map((server) => server.close().closeAllConnections());
		await expect(postPredict({ url }, Buffer.from("{}"))).rejects.toMatchObject(
			{
				code: "NOT_READY",
				message: expect.stringMatching(/^cannot ask http.*connection refused$/),
			},
		);
	});

	test("and stops waiting when it is told to", async () => {
		const { url } = await answering(200, "{}");
		const signal = AbortSignal.abort();
		await expect(
			postPredict({ url, signal }, Buffer.from("{}")),
		).rejects.toMatchObject({ code: "TIMEOUT" });
	});
});

test("fetchSignatures() refuses what is no metadata", async () => {
	const { url } = await answering(200, '{"hello": 1}');
	await expect(fetchSignatures({ url })).rejects.toMatchObject({
		code: "UNSUPPORTED",
		message: `cannot read the metadata at ${url}/metadata: it is not TensorFlow Serving's`,
	});
});
