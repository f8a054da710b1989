import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { Host } from "../../../../src/lib/serving/host.js";
import { loadModel } from "../../../../src/lib/serving/load.js";
import {
	openRestServer,
	type RestServer,
} from "../../../../src/lib/serving/rest/server.js";
import {
	fakeEngine,
	HALF_PLUS_TWO,
	type HeldSession,
	heldSession,
} from "../fake.js";

const DIR = `${HALF_PLUS_TWO}/00000123`;
const open: RestServer[] = [];

afterEach(async () => {
	await Promise.all(open.splice(0).map((server) => server.close()));
});

describe("openRestServer()", () => {
	test("takes a free port and answers on it", async () => {
		const { url } = await serve();
		const response = await fetch(`${url}/v1/models/m:predict`, {
			method: "POST",
			body: '{"instances":[2.0]}',
		});
		expect(await response.json()).toEqual({ predictions: [3] });
	});

	test("fails with NOT_READY and another port to try where the port is in use", async () => {
		const other = createServer().listen(0, "127.0.0.1");
		await once(other, "listening");
		const { port } = other.address() as { port: number };
		await expect(
			openRestServer({ host: host(), address: "127.0.0.1", port, maxBody: 9 }),
		).rejects.toMatchObject({
			code: "NOT_READY",
			message: `cannot listen on 127.0.0.1:${port}: the port is in use`,
			hint: expect.stringMatching(/--rest-api-port \d+$/),
		});
		other.close();
	});

	test("is ready once the models are loaded and one answers", async () => {
		const { url, server, models } = await serve({ isLoaded: false });
		const ready = async () => {
			const response = await fetch(`${url}/readyz`);
			return `${response.status} ${await response.text()}`;
		};
		expect(await ready()).toBe("503 not ready: models are being loaded\n");
		server.setLoaded();
		expect(await ready()).toBe("200 ok\n");
		await models.removeVersion("m", 1n);
		expect(await ready()).toBe(
			"503 not ready: no model has a version that answers\n",
		);
	});

	test("answers what is no HTTP, and serves on", async () => {
		const { url, server } = await serve();
		const answer = await raw(server, "\x16\x03\x01 hello\r\n\r\n");
		expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
		expect((await fetch(`${url}/livez`)).status).toBe(200);
	});

	test("answers a client that asks before it sends too much, before it sends", async () => {
		const { server } = await serve();
		const answer = await raw(
			server,
			"POST /v1/models/m:predict HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\nExpect: 100-continue\r\n\r\n",
		);
		expect(answer).toMatch(/^HTTP\/1\.1 413 /);
	});

	test("lets a client that asks before it sends go on", async () => {
		const { server } = await serve();
		const sending = request({
			port: server.port,
			method: "POST",
			path: "/v1/models/m:predict",
			headers: { Expect: "100-continue", "Content-Length": 19 },
		});
		sending.flushHeaders();
		await once(sending, "continue");
		sending.end('{"instances":[2.0]}');
		const [response] = await once(sending, "response");
		expect(JSON.parse(await text(response))).toEqual({ predictions: [3] });
	});

	test("answers a body that is too large although the client keeps sending it", async () => {
		const { url } = await serve();
		const response = await fetch(`${url}/v1/models/m:predict`, {
			method: "POST",
			body: new Uint8Array(20_000_000),
		});
		expect(response.status).toBe(413);
		expect(await response.text()).toContain("--max-body");
	});
});

describe("RestServer.close()", () => {
	test("lets the requests under way finish, and tells their clients to go", async () => {
		const session = heldSession();
		const { server } = await serve({ session });
		const agent = new Agent({ keepAlive: true, maxSockets: 50 });
		const answers = Array.from({ length: 50 }, (_, i) =>
			ask(server, agent, `{"instances":[${i}.0]}`),
		);
		while (session.runs.length < 50) await new Promise(setImmediate);
		const closing = close(server);
		expect(await refused(server)).toBe(true);
		for (let i = 0; i < 50; i++) session.release();
		// the session answers with its input
		expect(await Promise.all(answers)).toEqual(
			Array.from({ length: 50 }, (_, i) => ({
				body: { predictions: [i] },
				connection: "close",
			})),
		);
		await closing;
		agent.destroy();
	});

	test("answers requests that come on connections which are open", async () => {
		const { server } = await serve();
		const agent = new Agent({ keepAlive: true, maxSockets: 1 });
		const first = await ask(server, agent, '{"instances":[2.0]}');
		expect(first.connection).toBe("keep-alive");
		const closing = close(server);
		expect(await refused(server)).toBe(true);
		expect(await ask(server, agent, '{"instances":[4.0]}')).toEqual({
			body: { predictions: [4] },
			connection: "close",
		});
		await closing;
		agent.destroy();
	});

	test("does not wait long for connections that ask nothing", async () => {
		const { server } = await serve();
		const idle = connect(server.port, "127.0.0.1");
		await once(idle, "connect");
		const ended = once(idle, "close");
		await close(server);
		await ended;
	});
});

interface ServeOptions {
	readonly isLoaded?: boolean;
	readonly session?: HeldSession;
}

async function serve({ isLoaded = true, session }: ServeOptions = {}) {
	const models = host(session);
	await models.addVersion("m", { version: 1n, dir: DIR });
	const server = await openRestServer({
		host: models,
		address: "127.0.0.1",
		port: 0,
		maxBody: 100_000,
	});
	open.push(server);
	if (isLoaded) server.setLoaded();
	return { server, models, url: `http://127.0.0.1:${server.port}` };
}

function host(session?: HeldSession): Host {
	return new Host((dir) =>
		loadModel(
			dir,
			{},
			session === undefined ? fakeEngine : async () => session,
		),
	);
}

/** Closes a server now, not again after the test. */
function close(server: RestServer): Promise<void> {
	open.splice(open.indexOf(server), 1);
	return server.close();
}

async function ask({ port }: RestServer, agent: Agent, body: string) {
	const asking = request({
		agent,
		port,
		method: "POST",
		path: "/v1/models/m:predict",
	});
	asking.end(body);
	const [response] = await once(asking, "response");
	return {
		body: JSON.parse(await text(response)),
		connection: response.headers.connection,
	};
}

/** Whether new connections are refused, soon. */
async function refused({ port }: RestServer): Promise<boolean> {
	for (let i = 0; i < 100; i++) {
		const socket = connect(port, "127.0.0.1");
		const [error] = await Promise.race([
			once(socket, "connect"),
			once(socket, "error").catch((cause: unknown) => [cause]),
		]).catch((cause: unknown) => [cause]);
		socket.destroy();
		if ((error as NodeJS.ErrnoException | undefined)?.code === "ECONNREFUSED")
			return true;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	return false;
}

/** All that the server says to some bytes. */
async function raw({ port }: RestServer, bytes: string): Promise<string> {
	const socket = connect(port, "127.0.0.1");
	socket.write(bytes, "latin1");
	return text(socket);
}
