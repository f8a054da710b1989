import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { asMlshipError, fail, MlshipError } from "../../errors.js";
import { dockerFolder, readDockerConfig } from "./credentials.js";

/** A Docker daemon, or what speaks its API as Podman's socket does. */
export interface Daemon {
	readonly api: Docker;
	/** `unix:///var/run/docker.sock`. */
	readonly host: string;
	/** Of the machine that it builds on, as `linux/amd64`. */
	readonly platform: string;
	readonly version: string;
	readonly isPodman: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The daemon that Docker's own client would ask (`DOCKER_HOST`, its context), else the first whose socket is there. Fails
 * with NOT_READY where none answers, saying which were tried.
 */
export async function findDaemon(env: Env): Promise<Daemon> {
	const named = namedHost(env);
	const hosts = named === undefined ? usualHosts(env) : [named];
	const failures: string[] = [];
	for (const host of hosts) {
		if (named === undefined && !existsSync(host.replace("unix://", "")))
			continue;
		try {
			return await connect(host, env);
		} catch (error) {
			if (isRefused(error)) throw error;
			failures.push(`${host}: ${whyNot(error)}`);
		}
	}
	const found =
		failures.length > 0
			? failures.join("; ")
			: `there is no ${hosts.map((host) => host.replace("unix://", "")).join(", ")}`;
	throw fail("NOT_READY", `cannot reach a Docker daemon: ${found}`, {
		hint: "start Docker, run podman system service, or let DOCKER_HOST name a socket",
	});
}

function whyNot(error: unknown): string {
	const { code } = error as NodeJS.ErrnoException;
	return REASONS[code ?? ""] ?? asMlshipError(error).message;
}

const REASONS: Readonly<Record<string, string>> = {
	ENOENT: "there is no such socket",
	ECONNREFUSED: "nobody listens there",
	EACCES: "permission denied (members of the group docker may open it)",
	EPERM: "permission denied (members of the group docker may open it)",
};

/** A host that no waiting makes reachable. */
function isRefused(error: unknown): boolean {
	return error instanceof MlshipError && error.code === "UNSUPPORTED";
}

/** Docker's order (docker/cli, cli/command/cli.go): the variable, then a context. */
function namedHost(env: Env): string | undefined {
	if (env.DOCKER_HOST) return env.DOCKER_HOST;
	const context = env.DOCKER_CONTEXT || readDockerConfig(env).currentContext;
	if (context !== undefined && context !== "default")
		return contextHost(context, env);
	return env.CONTAINER_HOST || undefined;
}

/** Where a context of Docker's client leads (docker/cli, context/store: folders are named by SHA-256 of the name). */
function contextHost(context: string, env: Env): string {
	const id = createHash("sha256").update(context).digest("hex");
	const path = join(dockerFolder(env), "contexts", "meta", id, "meta.json");
	try {
		const { Endpoints } = JSON.parse(readFileSync(path, "utf8")) as {
			Endpoints: { docker: { Host: string } };
		};
		return Endpoints.docker.Host;
	} catch (cause) {
		throw fail(
			"NOT_FOUND",
			`cannot read Docker's context ${JSON.stringify(context)} at ${path}`,
			{
				cause,
				hint: "run docker context ls to see which there are",
			},
		);
	}
}

function usualHosts(env: Env): string[] {
	const home = env.HOME || homedir();
	const runtime = env.XDG_RUNTIME_DIR;
	return [
		"/var/run/docker.sock",
		join(home, ".docker", "run", "docker.sock"),
		...(runtime
			? [join(runtime, "docker.sock"), join(runtime, "podman", "podman.sock")]
			: []),
		"/run/podman/podman.sock",
	].map((path) => `unix://${path}`);
}

async function connect(host: string, env: Env): Promise<Daemon> {
	const api = new Docker(optionsFor(host, env));
	const { Arch, Os, Version, Components } = await api.version();
	return {
		api,
		host,
		platform: `${Os}/${GO_ARCHITECTURES[Arch] ?? Arch}`,
		version: Version,
		isPodman: Components?.some(({ Name }) => /podman/i.test(Name)) ?? false,
	};
}

/** Some answer with the kernel's names. */
const GO_ARCHITECTURES: Readonly<Record<string, string>> = {
	x86_64: "amd64",
	aarch64: "arm64",
};

/** All is said, so that the library looks at no variables of its own. */
function optionsFor(host: string, env: Env): Docker.DockerOptions {
	const [, scheme, rest] = /^(\w+):\/\/(.*)$/s.exec(host) ?? [];
	const open = OPENERS[scheme];
	if (open === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot reach a Docker daemon at ${JSON.stringify(host)}: unix://PATH, npipe://PATH or tcp://HOST:PORT is wanted`,
			scheme === "ssh"
				? {
						hint: `run ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock ${rest} beside, with DOCKER_HOST=unix:///tmp/docker.sock`,
					}
				: {},
		);
	return { timeout: 0, ...open(rest, env) };
}

const OPENERS: Readonly<
	Record<string, (rest: string, env: Env) => Docker.DockerOptions>
> = {
	unix: (path) => ({ socketPath: path, host: undefined }),
	npipe: (path) => ({ socketPath: path, host: undefined }),
	tcp: tcpOptions,
	http: tcpOptions,
	https: tcpOptions,
};

function tcpOptions(rest: string, env: Env): Docker.DockerOptions {
	const { hostname, port } = new URL(`tcp://${rest}`);
	const isSecure = Boolean(env.DOCKER_TLS_VERIFY) || port === "2376";
	const folder = env.DOCKER_CERT_PATH || dockerFolder(env);
	const read = (name: string): Buffer => readFileSync(join(folder, name));
	return {
		host: hostname.replace(/^\[|\]$/g, ""),
		port: Number(port || (isSecure ? 2376 : 2375)),
		protocol: isSecure ? "https" : "http",
		...(isSecure && {
			ca: read("ca.pem"),
			cert: read("cert.pem"),
			key: read("key.pem"),
		}),
	};
}

/** What a daemon says of a failure, without the words that its library puts around. */
export function daemonError(error: unknown, task: string): MlshipError {
	const { statusCode, json } = error as {
		statusCode?: number;
		json?: { message?: string };
	};
	if (statusCode === undefined) return asMlshipError(error);
	const said = json?.message ?? (error as Error).message;
	return fail(
		statusCode === 404
			? "NOT_FOUND"
			: statusCode === 409
				? "INVALID"
				: "NOT_READY",
		`cannot ${task}: ${said.trim()}`,
		{ cause: error },
	);
}
