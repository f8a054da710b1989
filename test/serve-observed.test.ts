import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PredictionService } from "../src/gen/prediction_pb.js";
import { DataType } from "../src/gen/tensor_pb.js";
import { clientOf } from "./lib/serving/grpc/client.js";
import { samplesOf, valueIn } from "./lib/serving/metrics/samples.js";

const UPSTREAM = resolve("fixtures/models/tensorflow-serving");
const folder = mkdtempSync(join(tmpdir(), "mlship-"));
const log = join(folder, "access.log");
const children: ChildProcess[] = [];

afterAll(() => {
	for (const child of children) child.kill("SIGKILL");
	rmSync(folder, { recursive: true, force: true });
});

test("a server counts what both protocols ask it, and logs it without what was in it", async () => {
	const { url, grpc, child } = await serve([
		`--monitoring_config_file=${UPSTREAM}/monitoring_config.txt`,
		`--access-log=${log}`,
	]);
	// half plus two of 2 is 3
	const right = await predict(url, '{"instances": [2.0]}');
	expect(await right.json()).toEqual({ predictions: [3] });
	const wrong = await predict(url, '{"instances": ["a secret"]}');
	expect(wrong.status).toBe(400);
	expect(await wrong.text()).toContain("a secret");
	await fetch(`${url}/v1/models/made-up`);
	const client = clientOf(grpc);
	const { response } = await client.call(
		PredictionService.method.predict,
		request("m"),
	);
	client.close();
	expect(response?.outputs.y.floatVal).toEqual([3]);

	const page = await textAt(`${url}/monitoring/prometheus/metrics`);
	expect(samplesOf(await textAt(`${url}/metrics`)).length).toBeGreaterThan(50);
	const count = ":tensorflow:serving:request_count";
	const of = (status: string) => ({ model_name: "m", status });
	expect(valueIn(page, count, of("OK"))).toBe(2);
	expect(valueIn(page, count, of("INVALID_ARGUMENT"))).toBe(1);
	const path = `${UPSTREAM}/saved_model_half_plus_two_cpu/00000123`;
	expect(
		valueIn(page, ":tensorflow:cc:saved_model:load_attempt_count", {
			model_path: path,
			status: "success",
		}),
	).toBe(1);
	for (const protocol of ["rest", "grpc"])
		expect(
			valueIn(page, "mlship_requests_total", {
				...{ model: "m", version: "123", protocol },
				...{ api: "predict", code: "OK" },
			}),
		).toBe(1);
	expect(valueIn(page, "mlship_requests_in_flight", { protocol: "rest" })).toBe(
		0,
	);
	expect(
		valueIn(page, "mlship_versions", {
			...{ model: "m", version: "123", state: "AVAILABLE" },
		}),
	).toBe(1);
	expect(valueIn(page, "mlship_ready")).toBe(1);
	expect(page).not.toContain("made-up");

	child.kill("SIGTERM");
	await once(child, "exit");
	const text = readFileSync(log, "utf8");
	const lines = text.trimEnd().split("\n");
	expect(text).not.toContain("secret");
	expect(lines.map((line) => JSON.parse(line))).toMatchObject([
		{
			id: right.headers.get("x-request-id"),
			...{ protocol: "rest", api: "predict", model: "m", version: "123" },
			...{ status: 200, code: "OK", bytes_in: 20 },
		},
		{
			id: wrong.headers.get("x-request-id"),
			...{ version: "123", status: 400, code: "INVALID_ARGUMENT" },
		},
		{ path: "/v1/models/made-up", model: "made-up", code: "NOT_FOUND" },
		{ protocol: "grpc", api: "predict", version: "123", code: "OK" },
	]);
});

test("a log on stdout comes behind what is told of the server", async () => {
	const { url, child, stdout } = await serve(["--access-log=-"]);
	await fetch(`${url}/v1/models/m`, { headers: { "x-request-id": "mine" } });
	await fetch(`${url}/livez`);
	child.kill("SIGTERM");
	await once(child, "close");
	const lines = stdout().trimEnd().split("\n");
	expect(lines.map((line) => JSON.parse(line))).toMatchObject([
		{ url },
		{ id: "mine", api: "status", status: 200 },
	]);
});

async function serve(args: readonly string[]) {
	const child = spawn(process.execPath, [
		...["bin/mlship.js", "serve", "--json", "--quiet"],
		...["--port=auto", "--rest_api_port=0", "--model_name=m"],
		`--model_base_path=${UPSTREAM}/saved_model_half_plus_two_cpu`,
		...args,
	]);
	children.push(child);
	let told = "";
	child.stdout.on("data", (data) => {
		told += data;
	});
	while (!told.endsWith("\n")) await once(child.stdout, "data");
	const { url, grpc } = JSON.parse(told) as { url: string; grpc: string };
	return { url, grpc, child, stdout: () => told };
}

function predict(url: string, body: string): Promise<Response> {
	return fetch(`${url}/v1/models/m:predict`, { method: "POST", body });
}

function request(name: string) {
	return {
		modelSpec: { name },
		inputs: {
			x: {
				dtype: DataType.DT_FLOAT,
				tensorShape: { dim: [{ size: 1n }] },
				floatVal: [2],
			},
		},
	};
}

async function textAt(url: string): Promise<string> {
	const response = await fetch(url);
	expect(response.status).toBe(200);
	return response.text();
}
