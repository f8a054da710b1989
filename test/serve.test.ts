import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tensor } from "../src/lib/tensor/tensor.js";
import { readCases } from "./cases.js";
import { expectClose } from "./close.js";

const DIGITS_1 = question("fixtures/models/digits/cases.json");
const DIGITS_2 = question("fixtures/models/digits/cases-2.json");

/** A body of the first case of a file, and what TensorFlow answers to it. */
function question(path: string) {
	const [{ text, outputs }] = readCases(path);
	const { image } = JSON.parse(text.inputs) as { image: unknown };
	return {
		body: JSON.stringify({ instances: image }),
		expected: outputs.output_0,
	};
}

interface Server {
	readonly url: string;
	readonly port: number;
	/** The line to try. */
	readonly curl: string;
	/** Resolves to exit status and signal. */
	stop(signal: NodeJS.Signals): Promise<unknown[]>;
}

/** Starts the built command line as a user does. */
async function serve({
	model = "./models/digits",
	args = [],
}: {
	model?: string;
	args?: readonly string[];
} = {}): Promise<Server> {
	const child = spawn(process.execPath, [
		"bin/mlship.js",
		"serve",
		model,
		"--rest-api-port",
		"0",
		"--port",
		"0",
		"--json",
		...args,
	]);
	const ended = once(child, "exit");
	let told = "";
	while (!told.endsWith("\n"))
		told += String((await once(child.stdout, "data"))[0]);
	const { url, curl } = JSON.parse(told) as { url: string; curl: string };
	const stop = async (signal: NodeJS.Signals) => {
		child.kill(signal);
		return ended;
	};
	return { url, curl, port: Number(new URL(url).port), stop };
}

describe("mlship serve ./models/digits", () => {
	let server: Server;

	beforeAll(async () => {
		server = await serve({ args: ["--max-body", "1MiB"] });
	});

	afterAll(async () => {
		expect(await server.stop("SIGTERM")).toEqual([0, null]);
	});

	test.each([
		["the latest version", "", DIGITS_2],
		["version 2", "/versions/2", DIGITS_2],
		["version 1", "/versions/1", DIGITS_1],
	])(
		"answers for %s as TensorFlow does",
		async (_, version, { body, expected }) => {
			const { status, json } = await post(server, body, version);
			expect(status).toBe(200);
			expectClose(tensorOf(json.predictions), expected);
		},
	);

	test("tells the state of its versions, and of one", async () => {
		const states = async (path: string) => {
			const response = await fetch(`${server.url}/v1/models/digits${path}`);
			const { model_version_status } = (await response.json()) as Status;
			return model_version_status.map(({ version, state }) => [version, state]);
		};
		expect(await states("")).toEqual([
			["2", "AVAILABLE"],
			["1", "AVAILABLE"],
		]);
		expect(await states("/versions/1")).toEqual([["1", "AVAILABLE"]]);
		const missing = await fetch(`${server.url}/v1/models/digits/versions/3`);
		expect([missing.status, await missing.json()]).toEqual([
			404,
			{
				error:
					"Could not find version 3 of model digits; the versions that answer: 2, 1",
			},
		]);
	});

	test("tells its signatures", async () => {
		const response = await fetch(`${server.url}/v1/models/digits/metadata`);
		const { model_spec, metadata } = (await response.json()) as Metadata;
		expect(model_spec.version).toBe("2");
		expect(metadata.signature_def.signature_def.serving_default.inputs).toEqual(
			{
				image: {
					dtype: "DT_FLOAT",
					tensor_shape: {
						dim: ["-1", "28", "28", "1"].map((size) => ({ size, name: "" })),
						unknown_rank: false,
					},
					name: "serving_default_image:0",
				},
			},
		);
	});

	test("is alive and ready", async () => {
		for (const path of ["/livez", "/healthz", "/readyz"])
			expect((await fetch(server.url + path)).status).toBe(200);
	});

	test("answers a zipped body with the same bytes", async () => {
		const plain = await post(server, DIGITS_2.body);
		const zipped = await fetch(`${server.url}/v1/models/digits:predict`, {
			method: "POST",
			headers: { "Content-Encoding": "gzip" },
			body: gzipSync(DIGITS_2.body),
		});
		expect(await zipped.text()).toBe(plain.text);
	});

	test("answers the line that it printed", async () => {
		const { stdout } = await promisify(execFile)("sh", ["-c", server.curl]);
		const { predictions } = JSON.parse(stdout) as { predictions: number[][] };
		expect(predictions.map((row) => row.length)).toEqual([10]);
	});

	test("answers many rows, and refuses more than --max-body", async () => {
		const rows = (count: number) =>
			JSON.stringify({
				instances: Array(count).fill(Array(28).fill(Array(28).fill([0]))),
			});
		// each row has 3,194 bytes
		const { json } = await post(server, rows(300));
		expect(json.predictions).toHaveLength(300);
		const { status, json: refusal } = await post(server, rows(400));
		expect(status).toBe(413);
		expect(refusal.error).toContain("larger than 1048576 bytes");
	});

	test.each([
		["cut JSON", '{"instances": [[', "JSON Parse error"],
		["no JSON", "hello", "JSON Parse error: Invalid value"],
		["ragged rows", '{"instances": [[[[1],[2,3]]]]}', "row 0"],
		["another shape", '{"instances": [[1, 2]]}', "[?,28,28,1] is wanted"],
		["another type", '{"instances": [["a"]]}', "not of expected type: float"],
		["neither key", '{"rows": []}', "Missing 'inputs' or 'instances' key"],
	])("says what is wrong with %s", async (_, body, words) => {
		const { status, json } = await post(server, body);
		expect(status).toBe(400);
		expect(json.error).toContain(words);
	});

	test("survives clients that leave, and bytes that are no HTTP", async () => {
		const half = connect(server.port, "127.0.0.1");
		half.write(
			"POST /v1/models/digits:predict HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{",
		);
		await once(half, "connect");
		half.destroy();
		const garbage = connect(server.port, "127.0.0.1");
		garbage.write(randomBytes(1000));
		garbage.on("error", () => {}).resume();
		await once(garbage, "close");
		expect((await post(server, DIGITS_2.body)).status).toBe(200);
	});
});

describe("mlship serve ./fixtures/models/transformer", () => {
	test("answers 400 to inputs that a kernel refuses, and serves on", async () => {
		const server = await serve({ model: "./fixtures/models/transformer" });
		const ask = async (token: number) => {
			const response = await fetch(
				`${server.url}/v1/models/transformer:predict`,
				{
					method: "POST",
					body: JSON.stringify({ instances: [Array(10).fill(token)] }),
				},
			);
			return [response.status, await response.text()];
		};
		// its vocabulary has 40 words
		const [status, text] = await ask(99_999);
		expect(text).toContain("cannot run the model on these inputs: ");
		expect(text).toContain("idx=99999");
		expect(status).toBe(400);
		expect((await ask(1))[0]).toBe(200);
		expect(await server.stop("SIGTERM")).toEqual([0, null]);
	});
});

describe("a signal", () => {
	test.each(["SIGTERM", "SIGINT"] as const)(
		"%s loses none of the requests of 50 clients that ask all the time",
		async (signal) => {
			const server = await serve();
			const agent = new Agent({ keepAlive: true, maxSockets: 50 });
			const clients = Array.from({ length: 50 }, () =>
				askUntilRefused(server, agent),
			);
			await new Promise((resolve) => setTimeout(resolve, 500));
			const ended = server.stop(signal);
			const answers = await Promise.all(clients);
			expect(await ended).toEqual([0, null]);
			for (const count of answers) expect(count).toBeGreaterThan(0);
		},
	);
});

/** How many requests were answered until the port was closed; fails where one is not answered. */
async function askUntilRefused(
	{ port }: Server,
	agent: Agent,
): Promise<number> {
	for (let count = 0; ; count++) {
		const asking = request({
			agent,
			port,
			method: "POST",
			path: "/v1/models/digits:predict",
		});
		asking.end(DIGITS_2.body);
		try {
			const [response] = (await once(asking, "response")) as [IncomingMessage];
			await text(response);
			if (response.statusCode !== 200)
				throw new Error(`answered ${response.statusCode}`);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED")
				return count;
			throw error;
		}
	}
}

async function post({ url }: Server, body: string, version = "") {
	const response = await fetch(`${url}/v1/models/digits${version}:predict`, {
		method: "POST",
		body,
	});
	const answer = await response.text();
	return {
		status: response.status,
		text: answer,
		json: JSON.parse(answer) as { predictions: number[][]; error: string },
	};
}

function tensorOf(rows: readonly (readonly number[])[]): Tensor {
	return {
		dtype: "float32",
		shape: [rows.length, rows[0].length],
		data: Float32Array.from(rows.flat()),
	};
}

interface Status {
	readonly model_version_status: readonly {
		readonly version: string;
		readonly state: string;
	}[];
}

interface Metadata {
	readonly model_spec: { readonly version: string };
	readonly metadata: {
		readonly signature_def: {
			readonly signature_def: Record<string, { readonly inputs: unknown }>;
		};
	};
}
