import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { asMlshipError, fail } from "../../errors.js";
import { isFile } from "../../formats/file.js";

/** As the Engine API takes them. */
export type Credentials =
	| {
			readonly username: string;
			readonly password: string;
			readonly serveraddress: string;
	  }
	| { readonly identitytoken: string; readonly serveraddress: string };

type Env = Readonly<Record<string, string | undefined>>;

interface DockerConfig {
	readonly auths?: Readonly<
		Record<string, { readonly auth?: string; readonly identitytoken?: string }>
	>;
	readonly credsStore?: string;
	readonly credHelpers?: Readonly<Record<string, string>>;
	readonly currentContext?: string;
}

/** Docker's folder of settings: `DOCKER_CONFIG`, else `~/.docker`. */
export function dockerFolder(env: Env): string {
	return env.DOCKER_CONFIG || join(env.HOME || homedir(), ".docker");
}

/** Docker's config.json; empty where there is none. Fails with CORRUPT for what is no JSON. */
export function readDockerConfig(env: Env): DockerConfig {
	const path = join(dockerFolder(env), "config.json");
	if (!isFile(path)) return {};
	try {
		return JSON.parse(readFileSync(path, "utf8")) as DockerConfig;
	} catch (cause) {
		if (!(cause instanceof SyntaxError)) throw asMlshipError(cause);
		throw fail("CORRUPT", `cannot read ${path}: ${cause.message}`, { cause });
	}
}

/**
 * What `docker login` left for a registry: from a helper for it, the store of all, or the file itself (docker/cli,
 * config/configfile). Undefined where nobody logged in.
 */
export async function credentialsFor(
	registry: string,
	env: Env,
): Promise<Credentials | undefined> {
	const config = readDockerConfig(env);
	const keys = registry === "docker.io" ? HUB_KEYS : [registry];
	for (const key of keys) {
		const helper = config.credHelpers?.[key] ?? config.credsStore;
		const found =
			helper === undefined ? undefined : await fromHelper(helper, key, env);
		const said = found ?? fromFile(config, key);
		if (said !== undefined) return said;
	}
	return undefined;
}

/** The same where it is a name and a password, as registries themselves take it. */
export async function loginFor(
	registry: string,
	env: Env,
): Promise<{ username: string; password: string } | undefined> {
	const found = await credentialsFor(registry, env);
	return found !== undefined && "username" in found ? found : undefined;
}

/** Docker Hub's name in files of credentials is that of its first API. */
const HUB_KEYS = ["https://index.docker.io/v1/", "docker.io"];

function fromFile(
	{ auths = {} }: DockerConfig,
	registry: string,
): Credentials | undefined {
	// keys are hosts, in old files URLs
	const [, entry] =
		Object.entries(auths).find(
			([key]) => key === registry || hostOf(key) === hostOf(registry),
		) ?? [];
	if (entry?.identitytoken)
		return { identitytoken: entry.identitytoken, serveraddress: registry };
	if (!entry?.auth) return undefined;
	const text = Buffer.from(entry.auth, "base64").toString();
	const colon = text.indexOf(":");
	return {
		username: text.slice(0, colon),
		password: text.slice(colon + 1).replace(/\0+$/, ""),
		serveraddress: registry,
	};
}

function hostOf(key: string): string {
	return key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

/** docker/docker-credential-helpers: the registry on stdin, JSON on stdout; status 1 where it knows none. */
async function fromHelper(
	helper: string,
	registry: string,
	env: Env,
): Promise<Credentials | undefined> {
	const program = `docker-credential-${helper}`;
	if (!/^[\w.-]+$/.test(helper))
		throw fail(
			"INVALID",
			`cannot ask ${JSON.stringify(program)} for credentials: that is no program's name`,
		);
	const { failed, code, stdout } = await execa(program, ["get"], {
		input: registry,
		env: env as Record<string, string>,
		extendEnv: false,
		reject: false,
		timeout: 30_000,
	});
	if (code === "ENOENT")
		throw fail(
			"NOT_READY",
			`cannot read credentials for ${registry}: ${program} is not installed`,
			{
				hint: `install it, or take it out of ${join(dockerFolder(env), "config.json")}`,
			},
		);
	if (failed) return undefined;
	try {
		const { Username, Secret } = JSON.parse(stdout) as {
			Username: string;
			Secret: string;
		};
		return Username === "<token>"
			? { identitytoken: Secret, serveraddress: registry }
			: { username: Username, password: Secret, serveraddress: registry };
	} catch (cause) {
		throw fail(
			"CORRUPT",
			`cannot read credentials for ${registry}: ${program} answered no JSON`,
			{ cause },
		);
	}
}
