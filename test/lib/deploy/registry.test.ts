import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askRegistry } from "../../../src/lib/deploy/registry.js";

const DIGEST = `sha256:${"ab".repeat(32)}`;
const AUTHORIZATION = `Basic ${Buffer.from("eve:secret").toString("base64")}`;
const asked: string[] = [];
let server: Server;
let host: string;

/** What a registry answers by the OCI distribution specification, with Docker's tokens for one path. */
beforeAll(async () => {
	server = createServer((request, response) => {
		asked.push(`${request.method} ${request.url}`);
		const { status, headers = {}, body = "" } = answerTo(request);
		response.writeHead(status, headers).end(body);
	});
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
	host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

function answerTo({ url = "", headers }: IncomingMessage): {
	status: number;
	headers?: Record<string, string>;
	body?: string;
} {
	const found = { status: 200, headers: { "docker-content-digest": DIGEST } };
	if (url.startsWith("/token"))
		return headers.authorization === AUTHORIZATION
			? { status: 200, body: JSON.stringify({ token: "t0k3n" }) }
			: { status: 401 };
	if (url.includes("/private/")) {
		if (headers.authorization === "Bearer t0k3n") return found;
		const challenge = `Bearer realm="http://${host}/token",service="r",scope="repository:private/x:pull"`;
		return { status: 401, headers: { "www-authenticate": challenge } };
	}
	if (url.endsWith("/odd")) return { status: 500 };
	if (url.endsWith("/lying"))
		return { status: 200, headers: { "docker-content-digest": "sha256:1" } };
	return url === "/v2/team/digits/manifests/2" ? found : { status: 404 };
}

test("an image that is there has its digest", async () => {
	expect(await askRegistry(`${host}/team/digits:2`)).toEqual({
		status: "found",
		digest: DIGEST,
	});
	// not a byte of a manifest is fetched
	expect(asked.at(-1)).toMatch(/^HEAD /);
});

test.each([
	["team/other:2", "absent"],
	["team/digits:odd", "silent"],
	["private/x:1", "denied"],
])("%s is %s", async (image, status) => {
	expect(await askRegistry(`${host}/${image}`)).toMatchObject({ status });
});

test("a private image is found by whoever is logged in", async () => {
	const login = { username: "eve", password: "secret" };
	expect(await askRegistry(`${host}/private/x:1`, login)).toMatchObject({
		status: "found",
		digest: DIGEST,
	});
	expect(asked).toContain(
		"GET /token?service=r&scope=repository%3Aprivate%2Fx%3Apull",
	);
});

test("a digest that is none is not taken", async () => {
	expect(await askRegistry(`${host}/team/digits:lying`)).toEqual({
		status: "found",
		digest: undefined,
	});
});

test("a registry that nobody reaches is no failure", async () => {
	expect(await askRegistry("127.0.0.1:59999/digits:2")).toMatchObject({
		status: "silent",
		reason: expect.stringContaining("127.0.0.1:59999 does not answer"),
	});
});
