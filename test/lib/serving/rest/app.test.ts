import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildApp } from "../../../../src/lib/serving/rest/app.js";
import { fakeHost, HALF_PLUS_TWO } from "../fake.js";
import { serviceOf } from "./service.js";

type App = ReturnType<typeof buildApp>;

const MAX_BODY = 1000;
const PREDICT = "/v1/models/m:predict";

let app: App;
let isStopping = false;

beforeAll(async () => {
	const host = fakeHost();
	await host.addVersion("m", { version: 1n, dir: `${HALF_PLUS_TWO}/00000123` });
	app = buildApp({
		service: serviceOf(host),
		maxBody: MAX_BODY,
		isStopping: () => isStopping,
	});
	await app.ready();
});

afterAll(() => app.close());

describe("buildApp()", () => {
	test("answers with TensorFlow Serving's type and the length", async () => {
		const { statusCode, headers, body } = await post('{"instances":[2.0]}');
		expect([statusCode, JSON.parse(body)]).toEqual([200, { predictions: [3] }]);
		expect(headers["content-type"]).toBe("application/json");
		expect(headers["content-length"]).toBe(String(body.length));
	});

	test.each([
		undefined,
		"application/json",
		"text/plain; charset=latin1",
		"application/x-www-form-urlencoded",
		"no type at all",
		"application/json; charset",
	])("does not care for the Content-Type %s", async (type) => {
		const headers: Record<string, string> =
			type === undefined ? {} : { "content-type": type };
		const { statusCode } = await post('{"instances":[2.0]}', headers);
		expect(statusCode).toBe(200);
	});

	test("counts bytes, not characters", async () => {
		const { headers, body } = await app.inject({
			method: "GET",
			url: "/v1/models/m%C3%A9",
		});
		expect(JSON.parse(body).error).toContain("mé");
		expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)));
	});

	test("unzips a body", async () => {
		const zipped = gzipSync('{"instances":[2.0]}');
		const answer = await post(zipped, { "content-encoding": "gzip" });
		expect(answer.json()).toEqual({ predictions: [3] });
	});

	test("takes a body that is no gzip for an empty one, as upstream does", async () => {
		const answer = await post("{}", { "content-encoding": "gzip" });
		expect(answer.statusCode).toBe(400);
		expect(answer.json().error).toContain("The document is empty");
	});

	test("takes a request without a body for an empty one", async () => {
		const answer = await app.inject({ method: "POST", url: PREDICT });
		expect(answer.statusCode).toBe(400);
		expect(answer.json().error).toContain("The document is empty");
	});

	test.each([
		["as it is", " ".repeat(MAX_BODY + 1), {}],
		[
			"when unzipped",
			gzipSync(" ".repeat(MAX_BODY + 1)),
			{ "content-encoding": "gzip" },
		],
	])("answers 413 to a body that is too large %s", async (_, body, headers) => {
		const answer = await post(body, headers);
		expect(answer.statusCode).toBe(413);
		expect(answer.json().error).toBe(
			"cannot read the body: it is larger than 1000 bytes, the limit of --max-body",
		);
		expect(answer.headers.connection).toBe("close");
	});

	test("takes a body of just the limit", async () => {
		const body = '{"instances":[2.0]}'.padEnd(MAX_BODY);
		expect((await post(body)).statusCode).toBe(200);
	});

	test.each(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"] as const)(
		"passes %s on to the routes",
		async (method) => {
			const answer = await app.inject({ method, url: "/v1/foo" });
			expect(answer.statusCode).toBe(400);
		},
	);

	test("answers 501 to other methods, as upstream does", async () => {
		const answer = await app.inject({ method: "TRACE" as "GET", url: "/v1/x" });
		expect(answer.statusCode).toBe(501);
		expect(answer.headers["content-type"]).toBe("text/html");
	});

	test.each([
		"/v1/models/%",
		"/v1/models/%zz:predict",
		"//",
		"/v1/models/..%2f..",
		`/v1/models/${"m".repeat(5000)}`,
	])("has an answer for the path %s", async (url) => {
		const { statusCode } = await app.inject({ method: "GET", url });
		expect(statusCode).toBeGreaterThanOrEqual(400);
		expect(statusCode).toBeLessThan(500);
	});

	test("tells clients to come back on another connection while it stops", async () => {
		isStopping = true;
		const { statusCode, headers } = await post('{"instances":[2.0]}');
		isStopping = false;
		expect([statusCode, headers.connection]).toEqual([200, "close"]);
	});
});

function post(payload: string | Buffer, headers: Record<string, string> = {}) {
	return app.inject({ method: "POST", url: PREDICT, payload, headers });
}
