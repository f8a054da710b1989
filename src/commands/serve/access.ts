import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { asMlshipError, fail } from "../../lib/errors.js";
import { type Access, OPEN_ACCESS } from "../../lib/serving/access/access.js";
import { Gate } from "../../lib/serving/access/gate.js";
import { DEFAULT_LIMITS } from "../../lib/serving/access/limits.js";
import { Reread } from "../../lib/serving/access/reread.js";
import {
	readTlsFiles,
	type TlsPaths,
	usable,
} from "../../lib/serving/access/tls.js";
import { parseTokens, type Tokens } from "../../lib/serving/access/tokens.js";
import { readSslFile, type SslConfig } from "../../lib/serving/config/ssl.js";
import type { FlagValues } from "./flags.js";

/** Who may come in by which protocol. Has a lifetime: until `close()` files are looked at again. */
export interface OpenedAccess {
	readonly rest: Access;
	readonly grpc: Access;
	close(): void;
}

export interface AccessSurroundings {
	readonly cwd: string;
	/** Hears why a file that changed is not taken over. */
	warn(message: string): void;
}

/** Reads what the flags say about access, and their files; fails as those do. */
export function openAccess(
	flags: FlagValues,
	around: AccessSurroundings,
): OpenedAccess {
	const tls = openTls(flags, around);
	const tokens = openTokens(flags, around);
	const grpc: Access = {
		tls,
		tokens,
		gate: new Gate(flags.max_concurrency ?? MOST_REQUESTS, "--max-concurrency"),
		limits: {
			headerBytes: flags.max_header_size ?? DEFAULT_LIMITS.headerBytes,
			headerCount: flags.max_headers ?? DEFAULT_LIMITS.headerCount,
			headerMs: flags.header_timeout ?? DEFAULT_LIMITS.headerMs,
			bodyMs: flags.body_timeout ?? DEFAULT_LIMITS.bodyMs,
			answerMs: flags.answer_timeout ?? DEFAULT_LIMITS.answerMs,
			streams: DEFAULT_LIMITS.streams,
		},
		drainMs: flags.drain_timeout ?? OPEN_ACCESS.drainMs,
	};
	for (const files of [tls, tokens]) files?.start();
	// in TensorFlow Serving REST is never encrypted
	const isPlain = flags.compat === "strict" && flags.ssl_config_file;
	return {
		rest: isPlain ? { ...grpc, tls: undefined } : grpc,
		grpc,
		close: () => {
			for (const files of [tls, tokens]) files?.close();
		},
	};
}

/** A server that has so many waiting is behind by more than its clients wait. */
const MOST_REQUESTS = 1024;

function openTls(
	flags: FlagValues,
	{ cwd, warn }: AccessSurroundings,
): Reread<SslConfig> | undefined {
	const paths = tlsPaths(flags, cwd);
	const trouble = (message: string) =>
		warn(`${message}; the certificate before it is shown still`);
	if (flags.ssl_config_file) {
		if (paths !== undefined)
			throw fail(
				"INVALID",
				"cannot use --tls-cert beside --ssl_config_file: each says what certificate is shown",
			);
		const path = resolve(cwd, flags.ssl_config_file);
		const read = () => usable(readSslFile(path), path);
		return new Reread({ paths: [path], read, trouble });
	}
	if (paths === undefined) return undefined;
	const { certificate, key, clientAuthorities } = paths;
	return new Reread({
		paths: [certificate, key, clientAuthorities ?? certificate],
		read: () => readTlsFiles(paths),
		trouble,
	});
}

function tlsPaths(flags: FlagValues, cwd: string): TlsPaths | undefined {
	const { tls_cert, tls_key, tls_client_ca } = flags;
	if (tls_cert && tls_key)
		return {
			certificate: resolve(cwd, tls_cert),
			key: resolve(cwd, tls_key),
			clientAuthorities: tls_client_ca
				? resolve(cwd, tls_client_ca)
				: undefined,
		};
	const given = [
		tls_cert && "--tls-cert",
		tls_key && "--tls-key",
		tls_client_ca && "--tls-client-ca",
	].find(Boolean);
	if (given)
		throw fail(
			"INVALID",
			`cannot use ${given} alone: --tls-cert and --tls-key are wanted both`,
		);
	return undefined;
}

function openTokens(
	{ token_file }: FlagValues,
	{ cwd, warn }: AccessSurroundings,
): Reread<Tokens> | undefined {
	if (!token_file) return undefined;
	const path = resolve(cwd, token_file);
	return new Reread({
		paths: [path],
		read: () => parseTokens(readText(path), path),
		trouble: (message) => warn(`${message}; the tokens before it hold still`),
	});
}

function readText(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		throw asMlshipError(error);
	}
}
