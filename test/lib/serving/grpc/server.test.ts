import { once } from "node:events";
import {
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import {
	ModelService,
	ModelVersionStatus_State,
} from "../../../../src/gen/model_service_pb.js";
import { PredictionService } from "../../../../src/gen/prediction_pb.js";
import { DataType } from "../../../../src/gen/tensor_pb.js";
import { fail } from "../../../../src/lib/errors.js";
import {
	type GrpcServerOptions,
	openGrpcServer,
} from "../../../../src/lib/serving/grpc/server.js";
import { Host } from "../../../../src/lib/serving/host.js";
import { loadModel } from "../../../../src/lib/serving/load.js";
import {
	fakeEngine,
	HALF_PLUS_TWO,
	type HeldSession,
	heldSession,
} from "../fake.js";
import { clientOf } from "./client.js";

const DIR = `${HALF_PLUS_TWO}/00000123`;
const { predict } = PredictionService.method;
const { getModelStatus, handleReloadConfigRequest } = ModelService.method;
const open: { close(): unknown }[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map((one) => one.close()));
});

const REQUEST = {
	modelSpec: { name: "m" },
	inputs: {
		x: {
			dtype: DataType.DT_FLOAT,
			tensorShape: { dim: [{ size: 1n }] },
			floatVal: [2],
		},
	},
};
const ANSWER = { response: { outputs: { y: { floatVal: [3] } } } };

describe("openGrpcServer()", () => {
	test("answers UNAVAILABLE while a model loads, and then its answers", async () => {
		let load: () => void = () => undefined;
		const loading = new Promise<void>((resolve) => {
			load = resolve;
		});
		const host = new Host(async (dir) => {
			await loading;
			return loadModel(dir, {}, fakeEngine);
		});
		const { client } = await serve({ host });
		const added = host.addVersion("m", { version: 1n, dir: DIR });
		expect((await client.call(predict, REQUEST)).error).toMatchObject({
			code: "UNAVAILABLE",
		});
		load();
		await added;
		expect(await client.call(predict, REQUEST)).toMatchObject(ANSWER);
	});

	test("takes a Unix socket besides a port, also one that is left over", async () => {
		const folder = mkdtempSync(join(tmpdir(), "mlship-"));
		open.push({ close: () => rmSync(folder, { recursive: true }) });
		const socketPath = join(folder, "grpc.sock");
		const before = createServer().listen(`${socketPath}.old`);
		await once(before, "listening");
		renameSync(`${socketPath}.old`, socketPath);
		before.close();
		await serve({ host: await loaded(), socketPath });
		const client = clientOf(`unix:${socketPath}`);
		open.unshift(client);
		expect(await client.call(predict, REQUEST)).toMatchObject(ANSWER);
	});

	test("fails with NOT_READY where the port is in use", async () => {
		const other = createServer().listen(0, "127.0.0.1");
		await once(other, "listening");
		open.push(other);
		const { port } = other.address() as { port: number };
		await expect(serve({ host: await loaded(), port })).rejects.toMatchObject({
			code: "NOT_READY",
			message: `cannot listen on 127.0.0.1:${port}: the port is in use`,
		});
	});

	test("leaves a file that is no socket where it is", async () => {
		const folder = mkdtempSync(join(tmpdir(), "mlship-"));
		open.push({ close: () => rmSync(folder, { recursive: true }) });
		const socketPath = join(folder, "notes.txt");
		writeFileSync(socketPath, "kept");
		await expect(
			serve({ host: await loaded(), socketPath }),
		).rejects.toMatchObject({
			code: "NOT_READY",
			message: `cannot listen on ${socketPath}: the path is in use`,
		});
		expect(readFileSync(socketPath, "utf8")).toBe("kept");
	});

	test("takes upstream's channel arguments", async () => {
		const { client } = await serve({
			host: await loaded(),
			channelArguments: {
				"grpc.max_connection_age_ms": 2000,
				"grpc.lb_policy_name": "grpclb",
			},
		});
		expect(await client.call(predict, REQUEST)).toMatchObject(ANSWER);
	});

	test("answers with the bytes of tensors where that is asked for", async () => {
		const { client } = await serve({ host: await loaded(), form: "content" });
		const { response } = await client.call(predict, REQUEST);
		// 3 as a little-endian float32
		expect([...(response?.outputs.y.tensorContent ?? [])]).toEqual([
			0, 0, 0x40, 0x40,
		]);
	});

	test("shares requests out by the header that a model names", async () => {
		const host = await loaded();
		await host.addVersion("m", { version: 2n, dir: DIR });
		host.setSplit("m", {
			shares: [
				{ version: 1n, weight: 1 },
				{ version: 2n, weight: 1 },
			],
			header: "x-user",
		});
		const { client } = await serve({ host });
		const ask = async (user: string) => {
			const metadata = new Metadata();
			metadata.set("x-user", user);
			const { response } = await client.call(predict, REQUEST, { metadata });
			const choice = response?.modelSpec?.versionChoice;
			return choice?.case === "version" ? choice.value.value : undefined;
		};
		const users = Array.from({ length: 30 }, (_, i) => `user ${i}`);
		const first = await Promise.all(users.map(ask));
		expect(new Set(first)).toEqual(new Set([1n, 2n]));
		expect(await Promise.all(users.map(ask))).toEqual(first);
	});

	test("ends texts where upstream ends them where that is asked for", async () => {
		const { client } = await serve({ host: await loaded(), compat: "strict" });
		const { error } = await client.call(predict, {
			...REQUEST,
			inputs: { x: {} },
		});
		expect(error?.text).toBe("tensor parsing error: x");
	});

	test("refuses messages beyond the limit, and serves on", async () => {
		const { client } = await serve({ host: await loaded(), maxBody: 1000 });
		const { error } = await client.call(predict, {
			...REQUEST,
			outputFilter: ["y".repeat(1000)],
		});
		expect(error?.code).toBe("RESOURCE_EXHAUSTED");
		expect(await client.call(predict, REQUEST)).toMatchObject(ANSWER);
	});

	test("closes a connection that brings no HTTP/2, and serves on", async () => {
		const { client, port } = await serve({ host: await loaded() });
		for (const bytes of ["e8f1a2b3c4", "00".repeat(100), "ff".repeat(9000)]) {
			const socket = connect(port, "127.0.0.1");
			socket.on("error", () => socket.destroy());
			socket.end(Buffer.from(bytes, "hex"));
			socket.resume();
			await once(socket, "close");
		}
		expect(await client.call(predict, REQUEST)).toMatchObject(ANSWER);
	});
});

describe("calls under way", () => {
	test("end at their deadline, and when their caller goes; the next is answered", async () => {
		const { client, session } = await held();
		const late = client.call(predict, REQUEST, { deadline: Date.now() + 50 });
		expect((await late).error?.code).toBe("DEADLINE_EXCEEDED");
		const gone = client.client.makeUnaryRequest(
			"/tensorflow.serving.PredictionService/Predict",
			Buffer.from,
			Buffer.from,
			toBinary(predict.input, create(predict.input, REQUEST)),
			() => undefined,
		);
		while (session.runs.length < 2) await turn();
		gone.cancel();
		const next = client.call(predict, REQUEST);
		while (session.runs.length < 3) await turn();
		for (let i = 0; i < 3; i++) session.release();
		expect((await next).response).toBeDefined();
	});

	test("are refused beyond as many as are allowed", async () => {
		const { client, session } = await held({ maxCalls: 1 });
		const first = client.call(predict, REQUEST);
		while (session.runs.length === 0) await turn();
		expect((await client.call(predict, REQUEST)).error).toEqual({
			code: "RESOURCE_EXHAUSTED",
			text: "cannot answer: 1 requests are under way, at most 1 are let in (--grpc_max_threads); try again later",
		});
		session.release();
		expect((await first).response).toBeDefined();
		const third = client.call(predict, REQUEST);
		while (session.runs.length < 2) await turn();
		session.release();
		expect((await third).response).toBeDefined();
	});

	test("finish when the server closes, and no more come in", async () => {
		const { client, session, server } = await held();
		const calls = Array.from({ length: 50 }, () =>
			client.call(predict, REQUEST),
		);
		while (session.runs.length < 50) await turn();
		const closed = server.close();
		for (let i = 0; i < 50; i++) session.release();
		const answers = await Promise.all(calls);
		expect(answers.filter(({ response }) => response)).toHaveLength(50);
		await closed;
		expect((await client.call(predict, REQUEST)).error?.code).toBe(
			"UNAVAILABLE",
		);
	});
});

describe("ModelService", () => {
	test("tells where the versions of a model stand", async () => {
		const host = await loaded();
		host.refuseVersion(
			"m",
			{ version: 2n, dir: "elsewhere" },
			fail("NOT_FOUND", "nothing is there"),
		);
		const { client } = await serve({ host });
		const all = await client.call(getModelStatus, { modelSpec: { name: "m" } });
		expect(all.response?.modelVersionStatus).toMatchObject([
			{
				version: 2n,
				state: ModelVersionStatus_State.END,
				status: { errorCode: 5, errorMessage: "nothing is there" },
			},
			{
				version: 1n,
				state: ModelVersionStatus_State.AVAILABLE,
				status: { errorCode: 0, errorMessage: "" },
			},
		]);
		const versionChoice = (value: bigint) => ({
			case: "version" as const,
			value: { value },
		});
		const one = await client.call(getModelStatus, {
			modelSpec: { name: "m", versionChoice: versionChoice(1n) },
		});
		expect(one.response?.modelVersionStatus).toHaveLength(1);
		expect(
			await client.call(getModelStatus, {
				modelSpec: { name: "m", versionChoice: versionChoice(9n) },
			}),
		).toEqual({
			error: {
				code: "NOT_FOUND",
				text: "Could not find version 9 of model m; the versions that answer: 1",
			},
		});
		expect(
			await client.call(getModelStatus, { modelSpec: { name: "other" } }),
		).toEqual({
			error: {
				code: "NOT_FOUND",
				text: 'Could not find any versions of model other; the models: "m"',
			},
		});
		expect((await client.call(getModelStatus, {})).error).toEqual({
			code: "INVALID_ARGUMENT",
			text: "Missing ModelSpec",
		});
	});

	test("hands a configuration on, and tells whether it could be served", async () => {
		const seen: (string | undefined)[] = [];
		const { client } = await serve({
			host: await loaded(),
			reload: async ({ config }) => {
				if (config.case !== "modelConfigList") return;
				const name = config.value.config[0]?.name;
				seen.push(name);
				if (name === "bad") throw fail("INVALID", "it is not there");
			},
		});
		const reload = (name: string) =>
			client.call(handleReloadConfigRequest, {
				config: {
					config: {
						case: "modelConfigList",
						value: { config: [{ name, basePath: "/models/m" }] },
					},
				},
			});
		expect((await reload("good")).response).toMatchObject({
			status: { errorCode: 0 },
		});
		expect((await reload("bad")).error).toEqual({
			code: "INVALID_ARGUMENT",
			text: "it is not there",
		});
		expect(seen).toEqual(["good", "bad"]);
		expect(
			(await client.call(handleReloadConfigRequest, { config: {} })).error
				?.text,
		).toBe(
			"ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported",
		);
	});
});

async function loaded(): Promise<Host> {
	const host = new Host((dir) => loadModel(dir, {}, fakeEngine));
	await host.addVersion("m", { version: 1n, dir: DIR });
	return host;
}

async function serve(
	options: Partial<GrpcServerOptions> & Pick<GrpcServerOptions, "host">,
) {
	const server = await openGrpcServer({
		address: "127.0.0.1",
		port: 0,
		maxBody: 2 ** 20,
		whyNotReady: () => undefined,
		...options,
	});
	const client = clientOf(`127.0.0.1:${server.port}`);
	open.push(client, server);
	return { server, client, port: server.port };
}

/** A server of a model that answers when it is told to. */
async function held(options: Partial<GrpcServerOptions> = {}) {
	const session: HeldSession = heldSession();
	const host = new Host((dir) => loadModel(dir, {}, async () => session));
	await host.addVersion("m", { version: 1n, dir: DIR });
	return { ...(await serve({ host, ...options })), session };
}

function turn(): Promise<void> {
	return new Promise((resolve) => {
		setImmediate(resolve);
	});
}
