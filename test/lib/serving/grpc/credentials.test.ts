import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Health } from "../../../../src/gen/health_pb.js";
import { readSslFile } from "../../../../src/lib/serving/config/ssl.js";
import { credentialsOf } from "../../../../src/lib/serving/grpc/credentials.js";
import { definitionOf } from "../../../../src/lib/serving/grpc/definition.js";
import {
	type GrpcServer,
	openGrpcServer,
} from "../../../../src/lib/serving/grpc/server.js";
import { Host } from "../../../../src/lib/serving/host.js";

const SSL = readSslFile("fixtures/serving/ssl_config.txt");
const [KEY, CERTIFICATE] = [SSL.key, SSL.certificate].map((pem) =>
	Buffer.from(pem),
);

/** Whether a client with these credentials gets an answer. */
async function isAnswered(
	{ port }: GrpcServer,
	offered: ReturnType<typeof credentials.createSsl>,
): Promise<boolean> {
	const Client = makeGenericClientConstructor({}, "any");
	const client = new Client(`localhost:${port}`, offered);
	try {
		return await new Promise((resolve) => {
			client.makeUnaryRequest(
				definitionOf(Health).Check.path,
				Buffer.from,
				(bytes: Buffer) => bytes,
				new Uint8Array(),
				{ deadline: Date.now() + 10_000 },
				(error) => resolve(error === null),
			);
		});
	} finally {
		client.close();
	}
}

describe.each([true, false])("with client_verify: %s", (verifyClient) => {
	let server: GrpcServer;

	beforeAll(async () => {
		server = await openGrpcServer({
			host: new Host(async () => {
				throw new Error("nothing is loaded");
			}),
			address: "127.0.0.1",
			port: 0,
			maxBody: 1_000_000,
			whyNotReady: () => undefined,
			credentials: credentialsOf({ ...SSL, verifyClient }),
		});
	});

	afterAll(() => server.close());

	test.each([
		[
			"TLS and a certificate that is signed",
			credentials.createSsl(CERTIFICATE, KEY, CERTIFICATE),
			true,
		],
		[
			"TLS and no certificate",
			credentials.createSsl(CERTIFICATE),
			!verifyClient,
		],
		["no TLS", credentials.createInsecure(), false],
	])("a client with %s is answered: %#", async (_, offered, expected) => {
		expect(await isAnswered(server, offered)).toBe(expected);
	});
});
