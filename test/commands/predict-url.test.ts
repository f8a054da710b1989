import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Host } from "../../src/lib/serving/host.js";
import { loadModel } from "../../src/lib/serving/load.js";
import {
	openRestServer,
	type RestServer,
} from "../../src/lib/serving/rest/server.js";
import { type CliRun, runCli } from "../run-cli.js";

/** x [?,3,3] to y, half of it plus two. */
const MATRIX = "fixtures/models/tensorflow-serving/matrix_half_plus_two";
const DIGITS = "fixtures/models/digits";
const PICTURES = ["fixtures/mnist/0.png", "fixtures/mnist/1.png"];
const ROWS = "[[1,2,3],[4,5,6],[7,8,9]]";
const ANSWER = [
	[2.5, 3, 3.5],
	[4, 4.5, 5],
	[5.5, 6, 6.5],
];

describe("mlship predict <url>", () => {
	let server: RestServer;
	let host: Host;
	let url: string;
	let folder: string;
	beforeEach(async () => {
		folder = mkdtempSync(join(tmpdir(), "mlship-"));
		host = new Host((dir) => loadModel(dir, { workers: 1, threads: 1 }));
		await host.addVersion("digits", { version: 2n, dir: `${DIGITS}/2` });
		await host.addVersion("half", { version: 1n, dir: `${MATRIX}/1` });
		server = await openRestServer({
			host,
			address: "127.0.0.1",
			port: 0,
			maxBody: 2 ** 24,
		});
		url = `http://127.0.0.1:${server.port}/v1/models`;
	});
	afterEach(async () => {
		await server.close();
		await host.close();
		rmSync(folder, { recursive: true });
	});

	test("answers as the model here does", async () => {
		const ours = await outputs(`${DIGITS}/2`, "--image", ...PICTURES);
		const theirs = await outputs(`${url}/digits`, "--image", ...PICTURES);
		expect(theirs).toEqual(ours);
		expect(
			await outputs(`${url}/half/versions/1`, "--input", `x=[${ROWS}]`),
		).toEqual({ y: [ANSWER] });
	});

	test("passes a body and its answer on", async () => {
		const body = join(folder, "body.json");
		writeFileSync(body, `{"instances": [${ROWS}]}`);
		expect(await answer(`${url}/half:predict`, "--request", body)).toBe(
			await answer(MATRIX, "--request", body),
		);
	});

	test("passes the server's refusal on", async () => {
		expect(await predict([`${url}/none`, "--input", "x=1"])).toMatchObject({
			code: 3,
			stderr: expect.stringContaining("answered 404: Servable not found"),
		});
		expect(await predict([`${url}/half`, "--input", "z=1"])).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('cannot find input "z"'),
		});
		expect(
			await predict([`${url}/half`, "--input", "x=1", "--engine", "onnx"]),
		).toMatchObject({
			code: 2,
			stderr: expect.stringContaining("the server has chosen"),
		});
	});
});

function predict(argv: readonly string[]): Promise<CliRun> {
	return runCli(["predict", ...argv]);
}

async function answer(...argv: string[]): Promise<string> {
	const { code, stdout, stderr } = await predict(argv);
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	return stdout;
}

async function outputs(...argv: string[]): Promise<Record<string, unknown>> {
	return JSON.parse(await answer(...argv, "--json")).outputs;
}
