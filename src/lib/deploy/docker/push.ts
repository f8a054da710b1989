import { fail, type MlshipError } from "../../errors.js";
import { withDigest } from "../image-reference.js";
import { credentialsFor } from "./credentials.js";
import { type Daemon, daemonError } from "./daemon.js";
import { followMessages } from "./messages.js";
import { parseTag } from "./reference.js";

export interface Pushed {
	readonly image: string;
	/** `NAME@sha256:…`, which names these bytes alone. */
	readonly reference: string;
	readonly digest: string;
	/** Layers that were sent, and those that the registry had. */
	readonly sent: number;
	readonly kept: number;
}

/**
 * Sends a tag to its registry with what `docker login` left. Fails with UNAUTHENTICATED or DENIED where the registry refuses,
 * with NOT_READY where it cannot be reached.
 */
export async function pushImage(
	{ api }: Daemon,
	image: string,
	{
		env,
		signal,
		onLayer,
	}: {
		readonly env: Readonly<Record<string, string | undefined>>;
		readonly signal: AbortSignal;
		/** Told of each layer once it is there. */
		onLayer?(layers: { sent: number; kept: number }): void;
	},
): Promise<Pushed> {
	const { repository, tag, registry } = parseTag(image);
	const login = await credentialsFor(registry, env);
	const stream = await api
		.getImage(repository)
		.push({
			tag,
			// an empty one, as the API wants the header
			authconfig: (login ?? {}) as never,
			abortSignal: signal,
		})
		.catch((error: unknown) => {
			throw daemonError(error, `push ${image}`);
		});
	let digest: string | undefined;
	const layers = { sent: 0, kept: 0 };
	await followMessages(stream, {
		onMessage: ({ status = "", aux }) => {
			if (status === "Pushed" || /^Mounted from/.test(status)) layers.sent++;
			else if (status === "Layer already exists") layers.kept++;
			else {
				const said =
					aux?.Digest ?? /digest: (sha256:[0-9a-f]{64})/.exec(status)?.[1];
				if (typeof said === "string") digest = said;
				return;
			}
			onLayer?.(layers);
		},
		onFailure: (message) => pushFailure(message, image, registry),
	});
	digest ??= await digestOf(api, image, repository);
	return {
		image,
		reference: withDigest(image, digest),
		digest,
		...layers,
	};
}

/** Podman does not say. */
async function digestOf(
	api: Daemon["api"],
	image: string,
	repository: string,
): Promise<string> {
	const { RepoDigests = [] } = await api.getImage(image).inspect();
	const found = RepoDigests.find((each) => each.startsWith(`${repository}@`));
	if (found === undefined)
		throw fail(
			"BUG",
			`cannot tell the digest of ${image}: the daemon has none`,
		);
	return found.slice(repository.length + 1);
}

function pushFailure(
	message: string,
	image: string,
	registry: string,
): MlshipError {
	const [code, hint] =
		FAILURES.find(([pattern]) => pattern.test(message))?.slice(1) ?? [];
	return fail(
		(code as "DENIED" | undefined) ?? "NOT_READY",
		`cannot push ${image}: ${message}`,
		{
			hint:
				hint === undefined
					? `look whether ${registry} can be reached from where the daemon runs`
					: String(hint)
							.replace("REGISTRY", registry === "docker.io" ? "" : registry)
							.trim(),
		},
	);
}

const FAILURES = [
	[
		/unauthorized|authentication required|no basic auth/i,
		"UNAUTHENTICATED",
		"run docker login REGISTRY",
	],
	[
		/denied|forbidden|insufficient_scope/i,
		"DENIED",
		"ask for the right to push there, or run docker login REGISTRY as somebody else",
	],
] as const;
