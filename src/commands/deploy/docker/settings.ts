import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isFile } from "../../../lib/formats/file.js";
import type { CommandContext } from "../../context.js";
import { PROJECT_FILE } from "../../options/project.js";

/** What an image's server is to be told, and what of it stays here. */
export interface ServeSettings {
	readonly values: Readonly<Record<string, unknown>>;
	readonly warnings: readonly string[];
}

/** What stands under `serve` in mlship.config.json, which was read before, without what names files of this machine. */
export function serveSettings({ cwd }: CommandContext): ServeSettings {
	const path = join(cwd, PROJECT_FILE);
	const { serve = {} } = isFile(path)
		? (JSON.parse(readFileSync(path, "utf8")) as {
				serve?: Record<string, unknown>;
			})
		: {};
	const entries = Object.entries(serve).filter(([name]) => !PLACES.test(name));
	const local = entries.filter(([name]) => FILES.test(name));
	return {
		values: {
			serve: Object.fromEntries(
				entries.filter((entry) => !local.includes(entry)),
			),
		},
		warnings: local.map(
			([name]) =>
				`"${name}" of ${PROJECT_FILE} is not in the image, as it names a file of this machine: mount the file and set its variable`,
		),
	};
}

/** The image has its own. */
const PLACES = /^(models|host|model[-_]?base[-_]?path|versions)$/i;

const FILES = /file|cert|key|client[-_]?ca|socket|access[-_]?log/i;
