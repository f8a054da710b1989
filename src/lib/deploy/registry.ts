import { asMlshipError } from "../errors.js";
import { HUB, parseImage, registryOf } from "./image-reference.js";

/** What a registry says of an image. */
export type Answer =
	| { readonly status: "found"; readonly digest: string | undefined }
	| {
			/** It has no such image; it wants to know who asks; it did not answer. */
			readonly status: "absent" | "denied" | "silent";
			readonly reason: string;
	  };

export interface Login {
	readonly username: string;
	readonly password: string;
}

const WAIT_MS = 5_000;

/** Images for several platforms, and for one, in both vendors' words. */
const ACCEPT = [
	"application/vnd.oci.image.index.v1+json",
	"application/vnd.docker.distribution.manifest.list.v2+json",
	"application/vnd.oci.image.manifest.v1+json",
	"application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/**
 * Asks the registry of an image whether it has it, and by which digest (OCI distribution, "Checking if content exists"). Only
 * the head of an answer is read. Never fails: a registry that only the nodes reach is none of our business.
 */
export async function askRegistry(
	image: string,
	login?: Login,
): Promise<Answer> {
	const { repository, tag = "latest", digest } = parseImage(image);
	const registry = registryOf(repository);
	const path = pathIn(repository, registry);
	const url = `${baseOf(registry)}/v2/${path}/manifests/${digest ?? tag}`;
	try {
		const first = await head(url, basicOf(login));
		const challenge = first.headers.get("www-authenticate") ?? "";
		const isToken = first.status === 401 && /^bearer /i.test(challenge);
		const response = isToken
			? await head(url, await tokenFor(challenge, login))
			: first;
		return answerOf(response, registry);
	} catch (error) {
		const cause = (error as { cause?: unknown }).cause ?? error;
		return {
			status: "silent",
			reason: `${registry} does not answer: ${asMlshipError(cause).message}`,
		};
	}
}

function answerOf({ status, headers }: Response, registry: string): Answer {
	if (status === 200) {
		const digest = headers.get("docker-content-digest") ?? "";
		const isOne = /^sha256:[0-9a-f]{64}$/.test(digest);
		return { status: "found", digest: isOne ? digest : undefined };
	}
	if (status === 404)
		return { status: "absent", reason: `${registry} has no such image` };
	if (status === 401 || status === 403)
		return { status: "denied", reason: `${registry} wants credentials for it` };
	return { status: "silent", reason: `${registry} answers ${status}` };
}

/** Docker Hub keeps what has no owner in `library`. */
function pathIn(repository: string, registry: string): string {
	const path = repository.startsWith(`${registry}/`)
		? repository.slice(registry.length + 1)
		: repository;
	return registry === HUB && !path.includes("/") ? `library/${path}` : path;
}

/** Registries of this machine alone speak without TLS, as Docker has it. */
function baseOf(registry: string): string {
	if (registry === HUB) return "https://registry-1.docker.io";
	const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(
		registry,
	);
	return `${isLocal ? "http" : "https"}://${registry}`;
}

function head(
	url: string,
	authorization: string | undefined,
): Promise<Response> {
	return fetch(url, {
		method: "HEAD",
		headers: { accept: ACCEPT, ...(authorization && { authorization }) },
		signal: AbortSignal.timeout(WAIT_MS),
	});
}

function basicOf(login: Login | undefined): string | undefined {
	return login === undefined
		? undefined
		: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
}

/** The token that the challenge's realm gives (distribution.github.io, "Token Authentication"). */
async function tokenFor(
	challenge: string,
	login: Login | undefined,
): Promise<string | undefined> {
	const fields = new Map(
		[...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [
			key,
			value,
		]),
	);
	const url = new URL(fields.get("realm") ?? "");
	for (const name of ["service", "scope"]) {
		const value = fields.get(name);
		if (value !== undefined) url.searchParams.set(name, value);
	}
	const authorization = basicOf(login);
	const response = await fetch(url, {
		headers: authorization === undefined ? {} : { authorization },
		signal: AbortSignal.timeout(WAIT_MS),
	});
	if (!response.ok) return undefined;
	const { token, access_token: other } = (await response.json()) as Record<
		string,
		unknown
	>;
	const found = token ?? other;
	return typeof found === "string" ? `Bearer ${found}` : undefined;
}
