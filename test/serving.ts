import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	type Certificate,
	makeAuthority,
	makeCertificate,
} from "./certificates.js";

/** The program itself, serving models/digits over both protocols. */
export interface Serving {
	readonly restPort: number;
	readonly grpcPort: number;
	/** The line to try it with. */
	readonly curl: string;
	readonly child: ChildProcess;
	/** What it has said to stderr so far. */
	said(): string;
	/** Resolves to exit status and signal. */
	readonly ended: Promise<unknown[]>;
	stop(signal?: NodeJS.Signals): Promise<unknown[]>;
}

export async function startServing(
	args: readonly string[] = [],
): Promise<Serving> {
	const child = spawn(process.execPath, [
		"bin/mlship.js",
		"serve",
		"./models/digits",
		"--rest-api-port=0",
		"--port=auto",
		"--json",
		...args,
	]);
	const ended = once(child, "exit");
	let said = "";
	child.stderr.on("data", (chunk) => {
		said += chunk;
	});
	let told = "";
	while (!told.endsWith("\n")) {
		const [chunk] = await Promise.race([
			once(child.stdout, "data"),
			ended.then(() => Promise.reject(new Error(said))),
		]);
		told += chunk;
	}
	const { url, grpc, curl } = JSON.parse(told) as Record<string, string>;
	return {
		curl,
		restPort: Number(new URL(url).port),
		grpcPort: Number(grpc.split(":").at(-1)),
		child,
		said: () => said,
		ended,
		stop: (signal = "SIGTERM") => {
			child.kill(signal);
			return ended;
		},
	};
}

/** A folder for files that a server reads, and what TLS needs in it. */
export interface TlsFolder {
	readonly authority: Certificate;
	readonly client: Certificate;
	/** `--tls-cert` and `--tls-key`. */
	readonly args: readonly string[];
	/** Writes a file and gives its path. */
	write(name: string, text: string): string;
	/** Writes another certificate of the server over the one before it. */
	renew(name: string): void;
	remove(): void;
}

export function makeTlsFolder(): TlsFolder {
	const folder = mkdtempSync(join(tmpdir(), "mlship-tls-"));
	const authority = makeAuthority("an authority");
	const write = (name: string, text: string) => {
		const path = join(folder, name);
		writeFileSync(path, text);
		return path;
	};
	const renew = (name: string) => {
		const { cert, key } = makeCertificate(name, authority);
		write("server.pem", cert);
		write("server-key.pem", key);
	};
	renew("a server");
	return {
		authority,
		client: makeCertificate("a client", authority),
		args: [
			`--tls-cert=${join(folder, "server.pem")}`,
			`--tls-key=${join(folder, "server-key.pem")}`,
		],
		write,
		renew,
		remove: () => rmSync(folder, { recursive: true, force: true }),
	};
}
