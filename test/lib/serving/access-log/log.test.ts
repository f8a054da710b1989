import { expect, test } from "vitest";
import { openAccessLog } from "../../../../src/lib/serving/access-log/log.js";
import type { Trace } from "../../../../src/lib/serving/observer.js";

const TRACE: Trace = {
	id: "abc",
	protocol: "rest",
	since: performance.now(),
	bytesIn: 12,
	remote: "127.0.0.1",
	method: "POST",
	path: "/v1/models/m:predict",
	api: "predict",
	model: "m",
	version: 3n,
	runMs: 1.23456,
};
const OK = { code: "OK", status: 200, bytesOut: 34 };

test("an access log has a line of JSON for each request", async () => {
	const { log, written } = logged();
	log.ended(TRACE, OK);
	log.ended(
		{ ...TRACE, id: "def", version: undefined, runMs: undefined },
		{ code: "INTERNAL", status: 500, bytesOut: 0 },
	);
	await log.close();
	const [first, second] = written().trimEnd().split("\n");
	expect(JSON.parse(first)).toEqual({
		level: "info",
		time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
		id: "abc",
		remote: "127.0.0.1",
		protocol: "rest",
		method: "POST",
		path: "/v1/models/m:predict",
		api: "predict",
		model: "m",
		version: "3",
		status: 200,
		code: "OK",
		ms: expect.any(Number),
		model_ms: 1.235,
		bytes_in: 12,
		bytes_out: 34,
	});
	const { level, id } = JSON.parse(second);
	expect([level, id]).toEqual(["error", "def"]);
	expect(second).not.toContain("model_ms");
});

test("what callers write in paths and names stays in its line, and is cut", async () => {
	const { log, written } = logged();
	const model = `a"\n{"level":"fatal"}\u2028${"x".repeat(100_000)}`;
	log.ended({ ...TRACE, model, path: `/v1/models/${model}` }, OK);
	await log.close();
	expect(written().length).toBeLessThan(5_000);
	expect(written().trimEnd().split("\n")).toHaveLength(1);
	expect(JSON.parse(written()).level).toBe("info");
});

test("lines are written several at a time, and all at the end", async () => {
	const { log, writes, written } = logged();
	for (let i = 0; i < 1000; i++) log.ended(TRACE, OK);
	await log.close();
	expect(written().trimEnd().split("\n")).toHaveLength(1000);
	expect(writes.length).toBeLessThan(50);
});

function logged() {
	const writes: string[] = [];
	const log = openAccessLog({
		write: (text) => void writes.push(text),
		close: async () => undefined,
	});
	return { log, writes, written: () => writes.join("") };
}
