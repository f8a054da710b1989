import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { afterAll, describe, expect, test } from "vitest";
import { readSslFile } from "../../../../src/lib/serving/config/ssl.js";

const GOOD = "fixtures/serving/ssl_config.txt";
const folder = mkdtempSync(join(tmpdir(), "mlship-"));
const FILE = join(folder, "ssl.txt");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The good file with some fields written anew. */
function read(fields: Readonly<Record<string, string>>) {
	const { key, certificate } = readSslFile(GOOD);
	const all = { server_key: key, server_cert: certificate, ...fields };
	writeFileSync(
		FILE,
		Object.entries(all)
			.map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
			.join("\n"),
	);
	return readSslFile(FILE);
}

describe("readSslFile()", () => {
	test("reads contents of PEM files, and whether clients are verified", () => {
		const { key, certificate, authorities, verifyClient } = readSslFile(GOOD);
		expect(verifyClient).toBe(true);
		expect(authorities).toBe(certificate);
		expect(() => createSecureContext({ key, cert: certificate })).not.toThrow();
	});

	test("does without authorities", () => {
		expect(read({})).toEqual({
			key: expect.stringContaining("PRIVATE KEY"),
			certificate: expect.stringContaining("CERTIFICATE"),
			verifyClient: false,
		});
	});

	test.each([
		["no key", { server_key: "" }, "it has no server_key"],
		[
			"a path instead of contents",
			{ server_cert: "/etc/tls/server.pem" },
			"not its path",
		],
		[
			"a key that is none",
			{ server_key: "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n" },
			"server_key is no private key in PEM",
		],
		[
			"authorities that are none",
			{ custom_ca: "-----BEGIN CERTIFICATE-----\nAAAA\n" },
			"custom_ca is no certificate in PEM",
		],
		[
			"a key of another certificate",
			{
				server_key: generateKeyPairSync("ec", {
					namedCurve: "P-256",
				}).privateKey.export({ type: "pkcs8", format: "pem" }) as string,
			},
			"server_key does not belong to server_cert",
		],
	])(
		"fails with INVALID for %s, and never says what the key is",
		(_, fields, words) => {
			try {
				read(fields);
				expect.unreachable();
			} catch (error) {
				expect(error).toMatchObject({
					code: "INVALID",
					message: expect.stringContaining(words),
				});
				expect((error as Error).message).not.toContain("c2VjcmV0");
				expect((error as Error).message).not.toContain("BEGIN");
			}
		},
	);

	test("names line and column of a mistake", () => {
		writeFileSync(FILE, `${readFileSync(GOOD, "utf8")}\nclient_verifi: true\n`);
		expect(() => readSslFile(FILE)).toThrow(
			/Error parsing text-format tensorflow\.serving\.SSLConfig: \d+:1: /,
		);
	});
});
