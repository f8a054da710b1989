import { describe, expect, test } from "vitest";
import { answerCall } from "../../../../src/lib/serving/rest/routes.js";
import { fakeHost } from "../fake.js";
import { serviceOf } from "./service.js";

const UPSTREAM = "/monitoring/prometheus/metrics";
const metrics = {
	configuredPath: UPSTREAM,
	path: "/metrics",
	text: async () => "# TYPE x counter\nx{} 1\n",
};

const ask = async (
	url: string,
	compat: "default" | "strict" = "default",
	places = metrics,
) => {
	const service = serviceOf(fakeHost(), { metrics: places, compat });
	const { status, type, body } = await answerCall(service, {
		method: "GET",
		url,
	});
	return [status, type, body.toString()];
};

describe("the page of metrics", () => {
	test("is at its own path, and where the monitoring configuration says", async () => {
		for (const url of ["/metrics", UPSTREAM, "/metrics?format=prometheus"])
			expect(await ask(url)).toEqual([
				200,
				"text/plain; version=0.0.4; charset=utf-8",
				"# TYPE x counter\nx{} 1\n",
			]);
	});

	test("is not where nobody wants it", async () => {
		const off = { text: metrics.text } as typeof metrics;
		for (const url of ["/metrics", UPSTREAM, "/"])
			expect((await ask(url, "default", off))[0]).toBe(404);
		for (const url of ["/metrics/", "/Metrics", `${UPSTREAM}/x`])
			expect((await ask(url))[0]).toBe(404);
	});

	test("has upstream's type, and its words for a query, where its ways are kept", async () => {
		expect((await ask(UPSTREAM, "strict")).slice(0, 2)).toEqual([
			200,
			"text/plain",
		]);
		// http_server.cc, ProcessPrometheusRequest
		expect(await ask(`${UPSTREAM}?x=1`, "strict")).toEqual([
			400,
			"text/plain",
			`Unexpected path: ${UPSTREAM}?x=1. Should be ${UPSTREAM}`,
		]);
	});
});

describe("/startupz", () => {
	test("says whether each model was tried", async () => {
		for (const [isStarted, status] of [
			[true, 200],
			[false, 503],
		] as const) {
			const service = serviceOf(fakeHost(), {
				isStarted: () => isStarted,
				whyNotReady: () => "no model has a version that answers",
			});
			const call = { method: "GET", url: "/startupz" };
			expect((await answerCall(service, call)).status).toBe(status);
		}
	});
});
