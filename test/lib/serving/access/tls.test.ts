import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
	readTlsFiles,
	usable,
} from "../../../../src/lib/serving/access/tls.js";
import { makeAuthority, makeCertificate } from "../../../certificates.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-"));
const authority = makeAuthority("an authority");
const server = makeCertificate("a server", authority);
const other = makeCertificate("another", authority);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, text);
	return path;
}

const CERT = file("cert.pem", server.cert + authority.cert);
const KEY = file("key.pem", server.key);
const CA = file("ca.pem", authority.cert + other.cert);

describe("readTlsFiles()", () => {
	test("reads a certificate with its chain, and its key", () => {
		expect(readTlsFiles({ certificate: CERT, key: KEY })).toEqual({
			certificate: server.cert + authority.cert,
			key: server.key,
			verifyClient: false,
		});
	});

	test("wants certificates of clients where authorities for them are given", () => {
		expect(
			readTlsFiles({ certificate: CERT, key: KEY, clientAuthorities: CA }),
		).toMatchObject({
			authorities: authority.cert + other.cert,
			verifyClient: true,
		});
	});

	const encrypted = generateKeyPairSync("ec", {
		namedCurve: "P-256",
		privateKeyEncoding: {
			type: "pkcs8",
			format: "pem",
			cipher: "aes-256-cbc",
			passphrase: "a password",
		},
		publicKeyEncoding: { type: "spki", format: "pem" },
	}).privateKey;

	test.each([
		["a key that is not there", { key: "nowhere.pem" }, "NOT_FOUND", "nowhere"],
		[
			"a key of another",
			{ key: file("o.pem", other.key) },
			"INVALID",
			"belong",
		],
		[
			"an encrypted key",
			{ key: file("e.pem", encrypted) },
			"INVALID",
			"without a password is wanted",
		],
		["no PEM", { key: file("x.pem", "\0\x01") }, "INVALID", "not PEM"],
		[
			"a certificate for a key",
			{ key: file("c.pem", server.cert) },
			"INVALID",
			"no private key that can be read",
		],
		[
			"a key for a certificate",
			{ certificate: KEY },
			"INVALID",
			"no certificate that can be read",
		],
		[
			"authorities that are none",
			{ clientAuthorities: KEY },
			"INVALID",
			"no certificate that can be read",
		],
		[
			"a chain that is broken off",
			{
				certificate: file(
					"b.pem",
					`${server.cert}-----BEGIN CERTIFICATE-----\nMIIB`,
				),
			},
			"INVALID",
			"b.pem",
		],
	])("refuses %s, and tells no key", (_, paths, code, words) => {
		const read = () => readTlsFiles({ certificate: CERT, key: KEY, ...paths });
		expect(read).toThrow(
			expect.objectContaining({
				code,
				message: expect.stringContaining(words),
			}),
		);
		const secret = server.key.split("\n")[1];
		expect(read).not.toThrow(
			expect.objectContaining({ message: expect.stringContaining(secret) }),
		);
	});
});

test("usable() refuses what OpenSSL would not serve with", () => {
	const config = {
		key: server.key,
		certificate: other.cert,
		verifyClient: false,
	};
	expect(() => usable(config, "ssl.txt")).toThrow(
		expect.objectContaining({
			code: "INVALID",
			message: expect.stringContaining("cannot use ssl.txt: "),
		}),
	);
});
