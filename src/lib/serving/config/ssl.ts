import { createPrivateKey, X509Certificate } from "node:crypto";
import { SSLConfigSchema } from "../../../gen/serving_config_pb.js";
import { fail, type MlshipError } from "../../errors.js";
import { readConfigFile } from "./read.js";

/** What a listener needs for TLS; all in PEM, contents and not paths. */
export interface SslConfig {
	readonly key: string;
	/** The server's certificate, its chain behind it. */
	readonly certificate: string;
	/** Who may sign certificates of clients; the system's authorities without it. */
	readonly authorities?: string;
	/** Whether a client must show a certificate that is good. */
	readonly verifyClient: boolean;
}

/**
 * Reads the file of `--ssl_config_file`, which holds the PEM texts themselves. Fails as `readConfigFile` does, and with
 * INVALID for a key or certificate that is none, or that do not belong together; a key is never part of what is said.
 */
export function readSslFile(path: string): SslConfig {
	const { serverKey, serverCert, customCa, clientVerify } = readConfigFile(
		SSLConfigSchema,
		path,
	);
	const read = <T>(
		field: string,
		what: string,
		text: string,
		parse: Parse<T>,
	) => readPem({ path, field, what, text, parse });
	const key = read("server_key", "private key", serverKey, createPrivateKey);
	const certificate = read("server_cert", "certificate", serverCert, toX509);
	if (customCa !== "") read("custom_ca", "certificate", customCa, toX509);
	if (!certificate.checkPrivateKey(key))
		throw unusable(path, "server_key does not belong to server_cert");
	return {
		key: serverKey,
		certificate: serverCert,
		...(customCa === "" ? {} : { authorities: customCa }),
		verifyClient: clientVerify,
	};
}

type Parse<T> = (pem: string) => T;

interface Pem<T> {
	readonly path: string;
	readonly field: string;
	readonly what: string;
	readonly text: string;
	readonly parse: Parse<T>;
}

function readPem<T>({ path, field, what, text, parse }: Pem<T>): T {
	if (text === "") throw unusable(path, `it has no ${field}`);
	if (!text.includes("-----BEGIN "))
		throw unusable(
			path,
			`${field} is no ${what} in PEM: the contents of the file are wanted, not its path`,
		);
	try {
		return parse(text);
	} catch (cause) {
		throw unusable(path, `${field} is no ${what} in PEM`, cause);
	}
}

function toX509(pem: string): X509Certificate {
	return new X509Certificate(pem);
}

function unusable(path: string, reason: string, cause?: unknown): MlshipError {
	return fail("INVALID", `cannot use ${path}: ${reason}`, {
		at: { file: path },
		cause,
	});
}
