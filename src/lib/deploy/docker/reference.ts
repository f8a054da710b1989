import { fail } from "../../errors.js";
import { latestVersion, type ModelEntry } from "../../repository/list.js";
import { parseImage, registryOf } from "../image-reference.js";
import { suggestedName } from "../names.js";

/** The name of an image that is to be made. */
export interface NewImage {
	/** `digits`, `127.0.0.1:5000/team/digits`. */
	readonly repository: string;
	readonly tag: string;
	/** Where Docker sends it. */
	readonly registry: string;
}

/** Reads `NAME[:TAG]`; fails with INVALID and a name that would do. */
export function parseTag(text: string): NewImage {
	const { repository, tag = "latest", digest } = parseImage(text);
	if (digest !== undefined)
		throw fail(
			"INVALID",
			`cannot tag an image ${text}: its digest is known when it is built`,
			{ hint: `use "${text.replace(/@.*/, "")}"` },
		);
	return { repository, tag, registry: registryOf(repository) };
}

/** `digits:2` for a model and its latest version. */
export function defaultTag(models: readonly ModelEntry[]): string {
	return models.length === 1
		? `${suggestedName("repository", models[0].name)}:${latestVersion(models[0]).version}`
		: "models:latest";
}
