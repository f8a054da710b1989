import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { credentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { Health } from "../src/gen/health_pb.js";
import { PredictionService } from "../src/gen/prediction_pb.js";
import { DataType } from "../src/gen/tensor_pb.js";
import { clientOf } from "./lib/serving/grpc/client.js";
import {
	makeTlsFolder,
	type Serving,
	startServing,
	type TlsFolder,
} from "./serving.js";

const { predict } = PredictionService.method;
const { check } = Health.method;
const PREDICT = "/v1/models/digits:predict";
const BODY = JSON.stringify({
	instances: [Array(28).fill(Array(28).fill([0.5]))],
});
const IMAGE = {
	modelSpec: { name: "digits" },
	inputs: {
		image: {
			dtype: DataType.DT_FLOAT,
			tensorShape: { dim: [1n, 28n, 28n, 1n].map((size) => ({ size })) },
			floatVal: Array<number>(784).fill(0.5),
		},
	},
};

let tls: TlsFolder | undefined;

afterEach(() => {
	tls?.remove();
	tls = undefined;
});

type GrpcClient = ReturnType<typeof clientOf>;

function grpcClient({ grpcPort }: Serving): GrpcClient {
	return clientOf(
		`localhost:${grpcPort}`,
		tls && credentials.createSsl(Buffer.from(tls.authority.cert)),
	);
}

function keptAlive(sockets: number): Agent {
	const options = { keepAlive: true, maxSockets: sockets };
	return tls === undefined
		? new Agent(options)
		: new SecureAgent({ ...options, ca: tls.authority.cert });
}

interface Answer {
	readonly status: number | undefined;
	readonly connection: string | undefined;
	readonly body: string;
}

/** Rejects where there is no answer. */
async function ask(
	{ restPort: port }: Serving,
	agent: Agent,
	path = PREDICT,
): Promise<Answer> {
	const method = path === PREDICT ? "POST" : "GET";
	const options = { agent, port, host: "localhost", method, path };
	const asking =
		agent instanceof SecureAgent ? secureRequest(options) : request(options);
	asking.end(path === PREDICT ? BODY : undefined);
	const [response] = (await once(asking, "response")) as [IncomingMessage];
	const { statusCode: status, headers } = response;
	return { status, connection: headers.connection, body: await text(response) };
}

/** Asks until no port is there, and fails where one request is not answered; tells when one was. */
async function askOn(
	server: Serving,
	agent: Agent,
	answered: () => void,
): Promise<void> {
	for (;;)
		try {
			expect((await ask(server, agent)).status).toBe(200);
			answered();
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") return;
			throw error;
		}
}

/** The same over gRPC. */
async function callOn(client: GrpcClient, answered: () => void): Promise<void> {
	for (;;) {
		const { error } = await client.call(predict, IMAGE);
		if (error === undefined) {
			answered();
			continue;
		}
		// nobody was there to be asked: the call was not sent
		expect(error.code).toBe("UNAVAILABLE");
		expect(error.text).toMatch(/ECONNREFUSED|No connection established/);
		return;
	}
}

describe.each(["plain", "TLS"])(
	"SIGTERM to a server whose ports are %s",
	(kind) => {
		const start = (...args: string[]) => {
			tls = kind === "TLS" ? makeTlsFolder() : undefined;
			return startServing([...args, ...(tls?.args ?? [])]);
		};

		test.each(["0", "1s"])(
			"loses none of 50 and 50 clients that ask on, with a delay of %s",
			async (delay) => {
				const server = await start(`--drain-delay=${delay}`);
				const agent = keptAlive(50);
				const callers = Array.from({ length: 5 }, () => grpcClient(server));
				const asking: Promise<void>[] = [];
				const first = Array.from(
					{ length: 100 },
					(_, i) =>
						new Promise<void>((answered) => {
							asking.push(
								i % 2 === 0
									? askOn(server, agent, answered)
									: callOn(callers[i % 5], answered),
							);
						}),
				);
				await Promise.race([Promise.all(first), Promise.all(asking)]);
				const ended = server.stop();
				await Promise.all(asking);
				agent.destroy();
				for (const caller of callers) caller.close();
				expect(await ended).toEqual([0, null]);
			},
		);

		test("ends a server whose clients hold connections and ask nothing", async () => {
			const server = await start("--drain-timeout=20s");
			const agent = keptAlive(1);
			await ask(server, agent);
			const client = grpcClient(server);
			await client.call(predict, IMAGE);
			const silent = [server.restPort, server.grpcPort].map((port) =>
				connect(port, "127.0.0.1").on("error", () => undefined),
			);
			await Promise.all(silent.map((socket) => once(socket, "connect")));
			expect(await server.stop()).toEqual([0, null]);
			agent.destroy();
			client.close();
		});
	},
);

test("--drain-delay leaves time to notice: /readyz and health say no, requests are answered and sent away", async () => {
	const server = await startServing(["--drain-delay=4s"]);
	const agent = keptAlive(1);
	const client = grpcClient(server);
	expect(await ask(server, agent)).toMatchObject({ connection: "keep-alive" });
	const ended = server.stop();
	await once(server.child.stderr as NodeJS.ReadableStream, "data");
	expect(await ask(server, agent, "/readyz")).toMatchObject({
		status: 503,
		body: "not ready: the server is stopping\n",
	});
	expect(await ask(server, agent, "/livez")).toMatchObject({ status: 200 });
	expect(await ask(server, agent)).toMatchObject({
		status: 200,
		connection: "close",
	});
	const { response } = await client.call(check, {});
	// NOT_SERVING
	expect(response?.status).toBe(2);
	expect((await client.call(predict, IMAGE)).error).toBeUndefined();
	expect(await ended).toEqual([0, null]);
	agent.destroy();
	client.close();
});

test("--drain-timeout ends what does not finish, and the status is still 0", async () => {
	const server = await startServing(["--drain-timeout=1s"]);
	const slow = connect(server.restPort, "127.0.0.1");
	slow.on("error", () => undefined);
	slow.write(
		`POST ${PREDICT} HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{`,
	);
	await once(slow, "connect");
	expect(await server.stop()).toEqual([0, null]);
});

test.each([
	["SIGTERM", "SIGINT", 130],
	["SIGINT", "SIGTERM", 143],
] as const)(
	"%s and then %s end a server at once, during its delay too",
	async (first, second, status) => {
		const server = await startServing(["--drain-delay=10m"]);
		const ended = server.stop(first);
		await once(server.child.stderr as NodeJS.ReadableStream, "data");
		server.child.kill(second);
		expect(await ended).toEqual([status, null]);
	},
);
