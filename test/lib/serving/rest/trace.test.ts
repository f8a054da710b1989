import { once } from "node:events";
import { request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Ending, Trace } from "../../../../src/lib/serving/observer.js";
import { buildApp } from "../../../../src/lib/serving/rest/app.js";
import type { RestService } from "../../../../src/lib/serving/rest/routes.js";
import { fakeHost, HALF_PLUS_TWO } from "../fake.js";
import { serviceOf } from "./service.js";

const DIR = `${HALF_PLUS_TWO}/00000123`;
const PREDICT = "/v1/models/m:predict";
const SEEN: (Trace & Ending)[] = [];
let running = 0;
const observer = {
	began: () => {
		running++;
	},
	ended: (trace: Trace, ending: Ending) => {
		running--;
		SEEN.push({ ...trace, ...ending });
	},
};
const host = fakeHost();

beforeAll(() => host.addVersion("m", { version: 7n, dir: DIR }));
afterEach(() => {
	SEEN.length = 0;
});

const appOf = (changes: Partial<RestService> = {}) =>
	buildApp({
		service: serviceOf(host, { observer, ...changes }),
		maxBody: 1000,
		isStopping: () => false,
	});

describe("what an observer is told of a request over REST", () => {
	const app = appOf();
	afterAll(() => app.close());

	test.each([
		["POST", PREDICT, '{"instances":[2]}', "predict", "m", 7n, "OK", 200],
		[
			"POST",
			"/v1/models/m/versions/7:predict?x=secret",
			'{"instances":["no"]}',
			"predict",
			"m",
			7n,
			"INVALID_ARGUMENT",
			400,
		],
		[
			"POST",
			"/v1/models/m:regress",
			'{"signature_name":"regress_x_to_y","examples":[{"x":2.0}]}',
			"regress",
			"m",
			7n,
			expect.any(String),
			expect.any(Number),
		],
		[
			"POST",
			"/v1/models/n%20n:classify",
			'{"examples":[{"x":2.0}]}',
			"classify",
			"n n",
			undefined,
			"NOT_FOUND",
			404,
		],
		["GET", "/v1/models/m", "", "status", "m", undefined, "OK", 200],
		["GET", "/v1/models/m/metadata", "", "metadata", "m", undefined, "OK", 200],
		["GET", "/v1/models", "", "models", undefined, undefined, "OK", 200],
		[
			"GET",
			"/v1/x",
			"",
			"other",
			undefined,
			undefined,
			"INVALID_ARGUMENT",
			400,
		],
		["GET", "/x", "", "other", undefined, undefined, "NOT_FOUND", 404],
		[
			"OPTIONS",
			"/v1/x",
			"",
			"other",
			undefined,
			undefined,
			expect.anything(),
			400,
		],
		[
			"POST",
			PREDICT,
			" ".repeat(1001),
			"other",
			undefined,
			undefined,
			"RESOURCE_EXHAUSTED",
			413,
		],
	] as const)(
		"is what %s %s asks for, and how it ended",
		async (method, url, payload, api, model, version, code, status) => {
			const answer = await app.inject({
				method,
				url,
				...(payload !== "" && { payload }),
			});
			expect(SEEN).toEqual([
				expect.objectContaining({
					protocol: "rest",
					...{ method, api, model, version, code, status },
					path: url.split("?")[0],
					bytesOut: answer.rawPayload.length,
				}),
			]);
			expect(running).toBe(0);
		},
	);

	test("does not tell of probes", async () => {
		for (const url of ["/livez", "/readyz?x", "/startupz", "/healthz"])
			await app.inject({ method: "GET", url });
		expect(SEEN).toEqual([]);
	});

	test("is as long as the body, and how long the model took", async () => {
		await app.inject({
			method: "POST",
			url: PREDICT,
			payload: '{"instances":[2]}',
		});
		expect(SEEN[0]).toMatchObject({ bytesIn: 17, runMs: expect.any(Number) });
	});
});

describe("the id of a request over REST", () => {
	const app = appOf();
	const strict = appOf({ compat: "strict" });
	afterAll(() => Promise.all([app.close(), strict.close()]));
	const idFor = async (given: string | undefined, on = app) => {
		const { headers } = await on.inject({
			method: "GET",
			url: "/v1/models/m",
			headers: given === undefined ? {} : { "x-request-id": given },
		});
		return headers["x-request-id"];
	};
	const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

	test("is the caller's, answered back", async () => {
		expect(await idFor("req-1:a/b=c~")).toBe("req-1:a/b=c~");
		expect(SEEN[0].id).toBe("req-1:a/b=c~");
	});

	test("is made where there is none", async () => {
		const ids = [await idFor(undefined), await idFor(undefined)];
		expect(ids).toEqual(SEEN.map(({ id }) => id));
		expect(new Set(ids).size).toBe(2);
		for (const id of ids) expect(id).toMatch(UUID);
	});

	test.each(["x".repeat(129), "a b", "é", ""])(
		"is made where the caller's is %j",
		async (given) => {
			expect(await idFor(given)).toMatch(UUID);
		},
	);

	test("is in answers to probes and to what is not found", async () => {
		for (const url of ["/livez", "/x"]) {
			const { headers } = await app.inject({ method: "GET", url });
			expect(headers["x-request-id"]).toMatch(UUID);
		}
	});

	test("is made where there are two", async () => {
		await app.listen({ host: "127.0.0.1", port: 0 });
		const { port } = app.server.address() as { port: number };
		const asking = request({
			port,
			path: "/v1/models/m",
			headers: { "x-request-id": ["one", "two"] },
		}).end();
		const [response] = await once(asking, "response");
		response.resume();
		expect(response.headers["x-request-id"]).toMatch(UUID);
	});

	test("is not told where answers are to be upstream's", async () => {
		expect(await idFor("mine", strict)).toBeUndefined();
		expect(SEEN[0].id).toBe("mine");
	});
});
