import { fail } from "../../errors.js";
import type { ImageLayer } from "./layer.js";
import { readTemplate } from "./server-layers.js";

export interface DockerfileParts {
	/** Of the mlship that writes it. */
	readonly version: string;
	readonly base: string;
	readonly server: readonly ImageLayer[];
	/** Whether the base is tried while the image is built, which a foreign processor cannot. */
	readonly isChecked: boolean;
	readonly versions: readonly ImageLayer[];
	readonly labels: ReadonlyMap<string, string>;
	/** Names of models. */
	readonly models: readonly string[];
}

/** The Dockerfile of a template in templates/docker, by the name of what serves. */
export function writeDockerfile(
	template: string,
	{
		version,
		base,
		server,
		isChecked,
		versions,
		labels,
		models,
	}: DockerfileParts,
): string {
	const values: Readonly<Record<string, string>> = {
		version,
		base,
		server: server.map(copied).join("\n"),
		check: isChecked
			? 'RUN ["node", "/app/check.mjs"]'
			: "# it is for another processor, so that nothing can be run",
		checked: isChecked ? "COPY --from=server /checked/ /" : "",
		versions: versions.map(copied).join("\n"),
		labels: labelLines(labels),
		healthcheck: JSON.stringify(["bash", "/config/healthcheck.sh", ...models]),
	};
	return Buffer.from(readTemplate(`${template}.Dockerfile`))
		.toString()
		.replace(/^\{\{(\w+)\}\}\n/gm, (_, name: string) =>
			values[name] === "" ? "" : `${values[name]}\n`,
		)
		.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]);
}

/** Whether a Dockerfile is one of ours, which may be made again. */
export function isOwnDockerfile(text: string): boolean {
	return text.startsWith("# Made by mlship ");
}

function copied({ folder }: ImageLayer): string {
	return `COPY ${folder}/ /`;
}

function labelLines(labels: ReadonlyMap<string, string>): string {
	const pairs = [...labels].map(
		([key, value]) => `${quotedValue(key)}=${quotedValue(value)}`,
	);
	return `LABEL ${pairs.join(" \\\n      ")}`;
}

/**
 * A value of LABEL or ENV in double quotes, in which a Dockerfile knows backslashes and variables (Dockerfile reference,
 * "Environment replacement"). Fails with INVALID for line breaks and other control characters, which nothing can quote.
 */
export function quotedValue(text: string): string {
	if (CONTROL.test(text))
		throw fail(
			"INVALID",
			`cannot write ${JSON.stringify(text.slice(0, 80))} into a Dockerfile: it has a line break or another control character`,
		);
	return `"${text.replace(/[\\"$]/g, "\\$&")}"`;
}

const CONTROL = /\p{Cc}|\u2028|\u2029/u;
