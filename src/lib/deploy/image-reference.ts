import { fail } from "../errors.js";
import { checkName } from "./names.js";

/** `registry.example.com/team/digits:2@sha256:…` in its parts. */
export interface ImageReference {
	/** Everything before tag and digest, as it was written. */
	readonly repository: string;
	readonly tag: string | undefined;
	/** `sha256:…`, which names one image for ever. */
	readonly digest: string | undefined;
}

/** Reads the reference of an image. Fails with INVALID and one that would do for what no registry takes. */
export function parseImage(text: string): ImageReference {
	const [named, digest, ...more] = text.split("@");
	if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest)))
		throw fail(
			"INVALID",
			`cannot use ${JSON.stringify(text.slice(0, 200))} as an image: behind "@" a digest is wanted, sha256: and 64 digits from 0 to f`,
		);
	// a colon before a slash is that of a port
	const [, repository, tag] = /^(.*?)(?::([^:/]*))?$/s.exec(named) ?? [];
	return {
		repository: checkName("repository", repository ?? named),
		tag: tag === undefined ? undefined : checkName("tag", tag),
		digest,
	};
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Which registry it is in; Docker Hub's where none is named. */
export function registryOf(repository: string): string {
	const [first, ...rest] = repository.split("/");
	const isHost =
		rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
	return isHost ? first : HUB;
}

export const HUB = "docker.io";

/** By digest alone, as it is deployed. */
export function withDigest(image: string, digest: string): string {
	return `${parseImage(image).repository}@${digest}`;
}
