import { once } from "node:events";
import { get as getPlain, type IncomingMessage } from "node:http";
import { get } from "node:https";
import { connect } from "node:tls";
import { credentials, Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Health } from "../src/gen/health_pb.js";
import { ModelService } from "../src/gen/model_service_pb.js";
import { makeAuthority, makeCertificate } from "./certificates.js";
import { clientOf } from "./lib/serving/grpc/client.js";
import { runCli } from "./run-cli.js";
import {
	makeTlsFolder,
	type Serving,
	startServing,
	type TlsFolder,
} from "./serving.js";

const { getModelStatus, handleReloadConfigRequest } = ModelService.method;
const { check } = Health.method;
const MODEL = { modelSpec: { name: "digits" } };
const stranger = makeCertificate("a stranger", makeAuthority("another"));
let tls: TlsFolder;

beforeAll(() => {
	tls = makeTlsFolder();
});

afterAll(() => tls.remove());

interface Offer {
	readonly cert?: string;
	readonly key?: string;
}

/** The status of an answer, or "refused". */
async function askRest(
	{ restPort }: Serving,
	offer: Offer = {},
): Promise<number | string> {
	const options = { ca: tls.authority.cert, agent: false, ...offer };
	const url = `https://localhost:${restPort}/v1/models/digits`;
	const asking = get(url, options);
	try {
		const [response] = (await once(asking, "response")) as [IncomingMessage];
		response.resume();
		return response.statusCode ?? 0;
	} catch {
		return "refused";
	}
}

/** The same over gRPC. */
async function askGrpc(
	{ grpcPort }: Serving,
	{ cert, key }: Offer = {},
): Promise<string> {
	const [ca, pem, secret] = [tls.authority.cert, cert, key].map((part) =>
		part === undefined ? null : Buffer.from(part),
	);
	const client = clientOf(
		`localhost:${grpcPort}`,
		credentials.createSsl(ca, secret, pem),
	);
	try {
		const deadline = Date.now() + 10_000;
		const { error } = await client.call(getModelStatus, MODEL, { deadline });
		return error === undefined ? "OK" : "refused";
	} finally {
		client.close();
	}
}

/** Whose certificate a server shows. */
async function shown(port: number): Promise<string> {
	const socket = connect({
		...{ port, host: "localhost", ca: tls.authority.cert },
		ALPNProtocols: ["h2", "http/1.1"],
	});
	await once(socket, "secureConnect");
	const { subject } = socket.getPeerCertificate();
	socket.destroy();
	return String(subject.CN);
}

test("with a certificate both ports speak TLS alone, and show one that replaces it", async () => {
	const server = await startServing(tls.args);
	expect([await askRest(server), await askGrpc(server)]).toEqual([200, "OK"]);
	const plain = getPlain(`http://localhost:${server.restPort}/livez`);
	await expect(once(plain, "response")).rejects.toThrow();
	const insecure = clientOf(`localhost:${server.grpcPort}`);
	const { error } = await insecure.call(getModelStatus, MODEL);
	expect(error?.code).toBe("UNAVAILABLE");
	insecure.close();
	const { restPort, grpcPort } = server;
	expect(await shown(restPort)).toBe("a server");
	tls.renew("a new server");
	for (const port of [restPort, grpcPort])
		await expect
			.poll(() => shown(port), { timeout: 20_000 })
			.toBe("a new server");
	// a key without its certificate changes nothing, and is told
	tls.write("server-key.pem", stranger.key);
	await expect
		.poll(server.said, { timeout: 20_000 })
		.toContain("does not belong to the certificate");
	expect(await shown(restPort)).toBe("a new server");
	tls.renew("a server");
	expect(await server.stop()).toEqual([0, null]);
});

test("the line to try tells what a client needs", async () => {
	const server = await startServing([
		...tls.args,
		`--tls-client-ca=${tls.write("ca.pem", tls.authority.cert)}`,
		`--token-file=${tls.write("tokens", "a predict 0123456789abcdef")}`,
	]);
	const certificate = tls.args[0].replace("--tls-cert=", "");
	expect(server.curl).toContain(
		`curl --cacert ${certificate} --cert client.pem --key client-key.pem -H "Authorization: Bearer $TOKEN" -d `,
	);
	expect(await server.stop()).toEqual([0, null]);
});

describe("with authorities for clients", () => {
	let server: Serving;

	beforeAll(async () => {
		const ca = tls.write("ca.pem", tls.authority.cert);
		server = await startServing([...tls.args, `--tls-client-ca=${ca}`]);
	});

	afterAll(() => server.stop());

	test.each([
		["a certificate that is signed", () => tls.client, [200, "OK"]],
		["none", () => ({}), ["refused", "refused"]],
		["another's", () => stranger, ["refused", "refused"]],
	] as const)(
		"clients with %s are let in or not",
		async (_, offer, expected) => {
			const { cert, key } = offer() as Offer;
			const given = cert === undefined ? {} : { cert, key };
			expect([
				await askRest(server, given),
				await askGrpc(server, given),
			]).toEqual(expected);
		},
	);
});

describe("--ssl_config_file", () => {
	const config = () =>
		[
			`server_key: ${JSON.stringify(tls.client.key)}`,
			`server_cert: ${JSON.stringify(tls.client.cert)}`,
		].join("\n");

	test.each([
		["default", 200],
		["strict", "refused"],
	])("under --compat %s encrypts gRPC, and REST: %s", async (compat, rest) => {
		const path = tls.write("ssl.txt", config());
		const server = await startServing([
			`--ssl_config_file=${path}`,
			`--compat=${compat}`,
			"--model_name=digits",
		]);
		expect([await askRest(server), await askGrpc(server)]).toEqual([
			rest,
			"OK",
		]);
		await server.stop();
	});
});

test.each([
	["a certificate without its key", () => [tls.args[0]], "--tls-key"],
	["authorities alone", () => ["--tls-client-ca=ca.pem"], "--tls-client-ca"],
	[
		"two certificates",
		() => [...tls.args, "--ssl_config_file=ssl.txt"],
		"beside --ssl_config_file",
	],
	[
		"a certificate that is not there",
		() => ["--tls-cert=no.pem", "--tls-key=no.pem"],
		"no.pem",
	],
	[
		"tokens with a mistake",
		() => [`--token-file=${tls.write("bad.txt", "# ok\nci predict short\n")}`],
		"line 2: the token has 5 characters",
	],
	["tokens that are not there", () => ["--token-file=none.txt"], "none.txt"],
	["a time that is none", () => ["--drain-timeout=soon"], "30s or 500ms"],
	["no room at all", () => ["--max-concurrency=0"], "from 1"],
])("%s stop the start", async (_, args, words) => {
	const { code, stderr, stdout } = await runCli([
		...["serve", "./models/digits", "--rest-api-port=0", "--port=0"],
		...args(),
	]);
	expect(stderr).toContain(words);
	expect([code > 1, stdout]).toEqual([true, ""]);
});

describe("with tokens", () => {
	const PREDICT = "predict-0123456789";
	const ADMIN = "admin-0123456789abc";
	const METRICS = "metrics-0123456789";
	const LINES = `web predict ${PREDICT}\nops admin ${ADMIN}\nprom metrics ${METRICS}\n`;
	let server: Serving;
	let client: ReturnType<typeof clientOf>;
	let path: string;

	beforeAll(async () => {
		path = tls.write("tokens.txt", LINES);
		server = await startServing([
			...[`--token-file=${path}`, "--rest_api_enable_cors_support"],
			...["--metrics-path=/metrics", "--max-body=1MiB"],
		]);
		client = clientOf(`localhost:${server.grpcPort}`);
	});

	afterAll(async () => {
		client.close();
		await server.stop();
	});

	const ask = (place: string, token?: string, init: RequestInit = {}) =>
		fetch(`http://localhost:${server.restPort}${place}`, {
			...init,
			headers: {
				...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
				...init.headers,
			},
		});

	test.each([
		["/livez", 200, 200, 200, 200],
		["/readyz", 200, 200, 200, 200],
		["/startupz", 200, 200, 200, 200],
		["/v1/models/digits", 401, 200, 403, 403],
		["/V1/MODELS/digits", 401, 200, 403, 403],
		["/v1/models", 401, 200, 403, 403],
		["/v1/models/digits/metadata", 401, 200, 403, 403],
		["/v1/models/nothing", 401, 404, 403, 403],
		["/metrics", 401, 403, 403, 200],
		["/livez?x=1", 200, 200, 200, 200],
		["/else", 401, 403, 403, 404],
	])(
		"%s answers %i without one, then %i to predict, %i to admin, %i to metrics",
		async (place, ...expected) => {
			const statuses = [];
			for (const token of [undefined, PREDICT, ADMIN, METRICS]) {
				const response = await ask(place, token);
				await response.text();
				statuses.push(response.status);
			}
			expect(statuses).toEqual(expected);
		},
	);

	// RFC 6750, 3
	test("an answer says what is wanted", async () => {
		const none = await ask("/v1/models/digits");
		expect(none.headers.get("www-authenticate")).toBe('Bearer realm="mlship"');
		expect(await none.json()).toEqual({
			error: expect.stringContaining("authorization: Bearer TOKEN"),
		});
		expect(none.headers.get("access-control-allow-origin")).toBe("*");
		const other = await ask("/v1/models/digits", ADMIN);
		expect(other.headers.get("www-authenticate")).toContain(
			'error="insufficient_scope", scope="predict"',
		);
		expect(await other.text()).not.toContain(ADMIN);
	});

	test("a browser may ask beforehand, and is told that it may bring a token", async () => {
		const response = await ask("/v1/models/digits:predict", undefined, {
			method: "OPTIONS",
			headers: { Origin: "https://example.com" },
		});
		expect([
			response.status,
			response.headers.get("access-control-allow-headers"),
		]).toEqual([200, "Content-Type, Authorization"]);
	});

	test("a body is not waited for that nobody may send", async () => {
		const response = await ask("/v1/models/digits:predict", undefined, {
			method: "POST",
			body: new Uint8Array(500_000),
		});
		expect(response.status).toBe(401);
	});

	test.each([
		[undefined, "UNAUTHENTICATED", "UNAUTHENTICATED"],
		["Bearer wrong-0123456789", "UNAUTHENTICATED", "UNAUTHENTICATED"],
		[`Bearer ${PREDICT}`, undefined, "PERMISSION_DENIED"],
		[`bearer ${ADMIN}`, "PERMISSION_DENIED", "INVALID_ARGUMENT"],
		[`Bearer ${METRICS}`, "PERMISSION_DENIED", "PERMISSION_DENIED"],
	])(
		"over gRPC %s asks for the state: %s, and reloads: %s",
		async (token, state, reload) => {
			const metadata = new Metadata();
			if (token !== undefined) metadata.set("authorization", token);
			const asked = await client.call(getModelStatus, MODEL, { metadata });
			expect(asked.error?.code).toBe(state);
			const changed = await client.call(
				handleReloadConfigRequest,
				{},
				{ metadata },
			);
			expect(changed.error?.code).toBe(reload);
			expect((await client.call(check, {})).response?.status).toBe(1);
		},
	);

	test("tokens are read again, and those that are gone are good for nothing", async () => {
		const NEW = "another-0123456789";
		const status = async (token: string) =>
			(await ask("/v1/models/digits", token)).status;
		expect([await status(PREDICT), await status(NEW)]).toEqual([200, 401]);
		tls.write("tokens.txt", `new predict ${NEW}\n`);
		await expect.poll(() => status(NEW), { timeout: 20_000 }).toBe(200);
		expect(await status(PREDICT)).toBe(401);
		tls.write("tokens.txt", "broken\n");
		await expect.poll(server.said, { timeout: 20_000 }).toContain("line 1");
		expect(await status(NEW)).toBe(200);
		tls.write("tokens.txt", LINES);
		await expect.poll(() => status(PREDICT), { timeout: 20_000 }).toBe(200);
	});

	test("no token is ever said", () => {
		expect(server.said()).not.toMatch(/-0123456789/);
	});
});
