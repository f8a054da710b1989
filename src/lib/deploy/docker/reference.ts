import { fail } from "../../errors.js";
import { checkName, suggestedName } from "../names.js";

/** The parts of an image's name. */
export interface ImageReference {
	/** `digits`, `127.0.0.1:5000/team/digits`. */
	readonly repository: string;
	readonly tag: string;
	/** Where Docker sends it: `docker.io` where none is named. */
	readonly registry: string;
}

/** Reads `NAME[:TAG]`; fails with INVALID and a name that would do. */
export function parseReference(text: string): ImageReference {
	const [, repository, tag = "latest"] =
		/^(.*?)(?::([^:/]*))?$/s.exec(text) ?? [];
	if (text.includes("@"))
		throw fail(
			"INVALID",
			`cannot tag an image ${JSON.stringify(text)}: its digest is known when it is built, NAME:TAG is wanted`,
		);
	checkName("repository", repository);
	checkName("tag", tag);
	return { repository, tag, registry: registryOf(repository) };
}

/** Docker takes the first part for a host where it could be none of its own names (reference/normalize.go). */
export function registryOf(repository: string): string {
	const [first, ...rest] = repository.split("/");
	const isHost =
		rest.length > 0 &&
		(/[.:]/.test(first) || first === "localhost" || /[A-Z]/.test(first));
	return isHost ? first : "docker.io";
}

/** Checks the name of an image to build on, with a tag or a digest behind it; fails with INVALID. */
export function checkBase(text: string): string {
	const [name, digest, ...rest] = text.split("@");
	const isDigest = digest === undefined || /^sha256:[0-9a-f]{64}$/.test(digest);
	if (!isDigest || rest.length > 0)
		throw fail(
			"INVALID",
			`cannot build on ${JSON.stringify(text.slice(0, 120))}: NAME[:TAG][@sha256:…] is wanted`,
		);
	const [, repository, tag] = /^(.*?)(?::([^:/]*))?$/s.exec(name) ?? [];
	checkName("repository", repository);
	if (tag !== undefined) checkName("tag", tag);
	return text;
}

/** `digits:2` for a model and its latest version. */
export function defaultReference(
	models: readonly string[],
	latest: bigint,
): string {
	const [name] = models;
	return models.length === 1
		? `${suggestedName("repository", name).replaceAll("/", "-")}:${latest}`
		: "models:latest";
}
