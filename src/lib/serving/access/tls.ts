import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import {
	createSecureContext,
	type SecureContextOptions,
	type TlsOptions,
} from "node:tls";
import { asMlshipError, fail, type MlshipError } from "../../errors.js";
import type { SslConfig } from "../config/ssl.js";

/** PEM files, by the flags that name them. */
export interface TlsPaths {
	/** The server's certificate, its chain behind it. */
	readonly certificate: string;
	readonly key: string;
	/** Who may sign certificates of clients, which then must show one. */
	readonly clientAuthorities?: string | undefined;
}

/**
 * Reads them; fails with INVALID for a key or certificate that is none, that do not belong together or that cannot be used
 * without a password, and as the system does for files that cannot be read. A key is never part of what is said.
 */
export function readTlsFiles(paths: TlsPaths): SslConfig {
	const { certificate, key, clientAuthorities } = paths;
	const server = readPem(certificate, "a certificate", toX509);
	const secret = readPem(key, "a private key", createPrivateKey);
	if (!server.parsed.checkPrivateKey(secret.parsed))
		throw unusable(
			key,
			`the key does not belong to the certificate in ${certificate}`,
		);
	const authorities =
		clientAuthorities === undefined
			? undefined
			: readPem(clientAuthorities, "a certificate", toX509).text;
	const config: SslConfig = {
		key: secret.text,
		certificate: server.text,
		...(authorities !== undefined && { authorities }),
		verifyClient: authorities !== undefined,
	};
	return usable(config, certificate);
}

/** The same again, once a listener would take it; fails with INVALID where it would not, as for a key that is too short. */
export function usable(config: SslConfig, path: string): SslConfig {
	try {
		createSecureContext(secureContext(config));
		return config;
	} catch (cause) {
		throw unusable(path, asMlshipError(cause).message, cause);
	}
}

/** What listeners for TLS take, of REST and of gRPC alike: TLS 1.2 and later, as Node has it. */
export function tlsOptions(config: SslConfig): TlsOptions {
	return {
		...secureContext(config),
		requestCert: config.verifyClient,
		rejectUnauthorized: config.verifyClient,
	};
}

/** The part of it that may change while a listener listens. */
export function secureContext(config: SslConfig): SecureContextOptions {
	const { key, certificate, authorities } = config;
	return {
		key,
		cert: certificate,
		...(authorities !== undefined && { ca: authorities }),
	};
}

interface Pem<T> {
	readonly text: string;
	readonly parsed: T;
}

function readPem<T>(
	path: string,
	what: string,
	parse: (text: string) => T,
): Pem<T> {
	const text = readText(path);
	if (!text.includes("-----BEGIN "))
		throw unusable(path, `it is not PEM, ${what} in PEM is wanted`);
	try {
		return { text, parsed: parse(text) };
	} catch (cause) {
		const reason = ENCRYPTED.test(text)
			? "the key is encrypted, one without a password is wanted"
			: `it holds no ${what.slice(2)} that can be read`;
		throw unusable(path, reason, cause);
	}
}

const ENCRYPTED = /-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m;

function readText(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		throw asMlshipError(error);
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
