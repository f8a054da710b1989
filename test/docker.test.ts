import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type Docker from "dockerode";
import {
	afterAll,
	afterEach,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { PredictionService } from "../src/gen/prediction_pb.js";
import { DataType } from "../src/gen/tensor_pb.js";
import { BASE, makeBase } from "./docker/base.js";
import { startDaemon, type TestDaemon } from "./docker/daemon.js";
import { clientOf } from "./lib/serving/grpc/client.js";

// Images of real models, built, run and pushed by a real daemon: `npm run test:docker`, and where one can be started
// `npm test`. With MLSHIP_TEST_SETUP=1 Debian's packages are installed for it.

const run = promisify(execFile);
const MLSHIP = join(process.cwd(), "bin/mlship.js");
const PREDICT = "/v1/models/digits:predict";
const BODY = JSON.stringify({
	instances: [Array(28).fill(Array(28).fill([0.5]))],
});

const cwd = mkdtempSync(join(tmpdir(), "mlship-docker-"));
const found = await startDaemon();
const reason = typeof found === "string" ? found : "";
const daemon = found as TestDaemon;

beforeAll(async () => {
	if (reason !== "") return;
	cpSync("models/digits", join(cwd, "models/digits"), { recursive: true });
	await makeBase(daemon.api);
	built = await deploy(IMAGE);
}, 300_000);

afterAll(async () => {
	rmSync(cwd, { recursive: true, force: true });
	if (reason !== "") return;
	for (const image of images)
		await daemon.api
			.getImage(image)
			.remove({ force: true })
			.catch(() => undefined);
	await daemon.stop();
}, 60_000);

const IMAGE = "mlship-test/digits:1";
let built: Built;

/** What the tests tag. */
const images: string[] = [];

interface Built {
	readonly id: string;
	readonly base: { readonly bytes: number };
	readonly layers: readonly {
		readonly title: string;
		readonly bytes: number;
	}[];
	readonly labels: Readonly<Record<string, string>>;
	readonly pushed: readonly {
		readonly reference: string;
		readonly digest: string;
		readonly sent: number;
		readonly kept: number;
	}[];
}

async function deploy(tag: string, ...args: string[]): Promise<Built> {
	images.push(tag);
	const { stdout } = await mlship("--tag", tag, "--json", ...args);
	return JSON.parse(stdout) as Built;
}

function mlship(...args: string[]) {
	return run(
		process.execPath,
		[MLSHIP, "deploy", "docker", "--base", BASE, ...args],
		{ cwd, env: { ...process.env, DOCKER_HOST: daemon.host } },
	);
}

describe("an image of models/digits", { timeout: 300_000 }, () => {
	beforeEach(({ skip }) => skip(reason !== "", reason));

	let container: Docker.Container | undefined;
	afterEach(async () => {
		await container?.remove({ force: true }).catch(() => undefined);
		container = undefined;
	});

	/** As the strictest cluster runs it, and the address at which this machine reaches it. */
	async function start(image: string): Promise<string> {
		container = await daemon.api.createContainer({
			Image: image,
			User: "12345:0",
			// the image's own command, asked more often
			Healthcheck: { Interval: 1e9, StartPeriod: 120e9 },
			HostConfig: {
				ReadonlyRootfs: true,
				CapDrop: ["ALL"],
				SecurityOpt: ["no-new-privileges"],
			},
		});
		await container.start();
		const { NetworkSettings } = await container.inspect();
		const address = Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? "";
		await untilReady(address, container);
		return address;
	}

	test("is below 160 MB above its base, has one platform's library, no TensorFlow.js, and says what is in it", async () => {
		const { id, layers, labels } = built;
		const bytes = layers.reduce((sum, layer) => sum + layer.bytes, 0);
		expect(bytes).toBeLessThan(160e6);
		expect(layers.map(({ title }) => title)).toEqual([
			"ONNX Runtime",
			"sharp, for WebP",
			"other packages",
			"mlship",
			"list of packages",
			"digits 1",
			"digits 2",
			"configuration",
		]);
		expect(labels["dev.mlship.model"]).toBe("digits");
		expect(JSON.parse(labels["dev.mlship.versions"])).toEqual({
			digits: ["1", "2"],
		});
		const image = await daemon.api.getImage(id).inspect();
		expect(image.Config.Labels).toEqual(labels);
		expect(image.Config.User).toBe("65532:65532");
		expect((image.Config as { StopSignal?: string }).StopSignal).toBe(
			"SIGTERM",
		);
		const listing = await filesIn(IMAGE);
		expect(listing.filter((path) => /tensorflow|tfjs-core/.test(path))).toEqual(
			[],
		);
		expect(
			listing.filter((path) => /onnxruntime_binding\.node$/.test(path)),
		).toHaveLength(1);
		expect(listing.filter((path) => path.endsWith(".wasm"))).toEqual([]);
	});

	test("answers REST and gRPC as TensorFlow does, read-only, without capabilities, as any user, and is healthy", async () => {
		const address = await start(IMAGE);
		const [question] = JSON.parse(
			readFileSync("fixtures/models/digits/cases-2.json", "utf8"),
		) as { inputs: { image: unknown }; outputs: { output_0: number[][] } }[];
		const answer = await ask(
			address,
			JSON.stringify({ instances: question.inputs.image }),
		);
		const { predictions } = JSON.parse(answer.body) as {
			predictions: number[][];
		};
		expect(predictions.length).toBe(question.outputs.output_0.length);
		for (const [i, row] of predictions.entries())
			for (const [j, value] of row.entries())
				expect(value).toBeCloseTo(question.outputs.output_0[i][j], 4);
		const client = clientOf(`${address}:8500`);
		const { response } = await client.call(PredictionService.method.predict, {
			modelSpec: { name: "digits" },
			inputs: {
				image: {
					dtype: DataType.DT_FLOAT,
					tensorShape: { dim: [1n, 28n, 28n, 1n].map((size) => ({ size })) },
					floatVal: Array<number>(784).fill(0.5),
				},
			},
		});
		expect(response?.modelSpec?.versionChoice.value).toMatchObject({
			value: 2n,
		});
		client.close();
		for (;;) {
			const state = (await container?.inspect())?.State;
			const health = state?.Health?.Status;
			expect(state?.Running).toBe(true);
			expect(health).not.toBe("unhealthy");
			if (health === "healthy") break;
			await delay(200);
		}
	});

	test("loses no request that it took when docker stop comes under load, and ends by itself", async () => {
		const address = await start(IMAGE);
		const agent = new Agent({ keepAlive: true, maxSockets: 16 });
		let answered = 0;
		const clients = Array.from({ length: 16 }, async () => {
			for (;;)
				try {
					const { status } = await ask(address, BODY, agent);
					expect(status).toBe(200);
					answered++;
				} catch (error) {
					// nobody was there to take it
					const { code } = error as NodeJS.ErrnoException;
					if (GONE.includes(code ?? "")) return;
					throw error;
				}
		});
		while (answered < 50) await delay(10);
		await container?.stop({ t: 60 });
		await Promise.all(clients);
		agent.destroy();
		// 137 would say that it was killed
		expect((await container?.inspect())?.State.ExitCode).toBe(0);
	});

	test("is pushed, pulled by digest, and a new version sends no layer but its own", async () => {
		const name = `${daemon.registry}/mlship-test/digits-${process.pid}`;
		const first = await deploy(`${name}:1`, "--push", "--versions", "all");
		expect(first.pushed[0].sent).toBeGreaterThan(5);
		cpSync("models/digits/2", join(cwd, "models/digits/3"), {
			recursive: true,
		});
		cpSync(
			"models/digits/1/fingerprint.pb",
			join(cwd, "models/digits/3/assets.extra/of-1.pb"),
		);
		// of the same two: version 1 leaves, 3 comes, 2 lies on other layers than before
		for (const [tag, ...options] of [
			["2", "--versions", "all"],
			["3", "--versions", "2"],
		]) {
			const next = await deploy(`${name}:${tag}`, "--push", ...options);
			expect(next.layers.map(({ title }) => title)).toContain("digits 3");
			expect(next.pushed[0].sent).toBe(tag === "2" ? 1 : 0);
		}
		const [{ reference, digest }] = first.pushed;
		expect(reference).toBe(`${name}@${digest}`);
		await daemon.api.getImage(`${name}:1`).remove({ force: true });
		await pull(reference);
		images.push(reference);
		const address = await start(reference);
		expect((await ask(address, BODY)).status).toBe(200);
		rmSync(join(cwd, "models/digits/3"), { recursive: true });
	});

	test("is started by --run, asked once, and told how to be asked again", async () => {
		const { stdout, stderr } = await mlship("--tag", IMAGE, "--run");
		expect(stdout).toBe(`${IMAGE}\n`);
		process.stdout.write(`${/ready after [\d.]+ s/.exec(stderr)?.[0]}\n`);
		container = daemon.api.getContainer("mlship-digits");
		const { HostConfig, State } = await container.inspect();
		expect(State.Running).toBe(true);
		expect(HostConfig.ReadonlyRootfs).toBe(true);
		const [, port] =
			/^curl .*(http:\/\/127\.0\.0\.1:\d+)\/v1\/models\/digits:predict$/m.exec(
				stderr,
			) ?? [];
		expect((await fetch(`${port}/readyz`)).status).toBe(200);
	});

	test("is not made on a base that cannot run it, and the step that failed is told", async () => {
		const failure = await run(
			process.execPath,
			[MLSHIP, "deploy", "docker", "--base", "mlship-test/none:1"],
			{ cwd, env: { ...process.env, DOCKER_HOST: daemon.host } },
		).catch((error: { code: number; stderr: string }) => error);
		expect(failure).toMatchObject({ code: 6 });
		expect(failure.stderr).toContain(
			"cannot build the image on mlship-test/none:1",
		);
	});
});

/** What a connection to a port says where a container has left the network. */
const GONE = ["ECONNREFUSED", "EHOSTUNREACH", "ETIMEDOUT", "ENETUNREACH"];

function ask(
	host: string,
	body: string,
	agent?: Agent,
): Promise<{ status: number | undefined; body: string }> {
	return new Promise((resolve, reject) => {
		const asking = request(
			{ host, port: 8501, path: PREDICT, method: "POST", agent },
			(response) =>
				text(response).then(
					(said) => resolve({ status: response.statusCode, body: said }),
					reject,
				),
		);
		asking.on("error", reject);
		asking.end(body);
	});
}

async function untilReady(
	address: string,
	container: Docker.Container,
): Promise<void> {
	for (;;) {
		const answer = await fetch(`http://${address}:8501/readyz`).catch(
			() => undefined,
		);
		if (answer?.ok) return;
		const { State } = await container.inspect();
		if (!State.Running)
			throw new Error(
				String(await container.logs({ stdout: true, stderr: true })),
			);
		await delay(50);
	}
}

async function filesIn(image: string): Promise<string[]> {
	const container = await daemon.api.createContainer({ Image: image });
	const stream = await container.getArchive({ path: "/app" });
	const names: string[] = [];
	// each header of a tar file begins with a name, at a multiple of 512
	const bytes = await buffer(
		stream as AsyncIterable<Buffer> & NodeJS.ReadableStream,
	);
	for (let at = 0; at + 512 <= bytes.length; ) {
		const size = Number.parseInt(
			bytes.toString("latin1", at + 124, at + 135),
			8,
		);
		if (Number.isNaN(size)) break;
		names.push(bytes.toString("utf8", at, at + 100).replace(/\0.*$/s, ""));
		at += 512 + Math.ceil(size / 512) * 512;
	}
	await container.remove();
	return names;
}

async function pull(reference: string): Promise<void> {
	const stream = await daemon.api.pull(reference);
	await text(stream as NodeJS.ReadableStream & AsyncIterable<string>);
}
