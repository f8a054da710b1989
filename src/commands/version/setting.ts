import { userInfo } from "node:os";
import { relative } from "node:path";
import { fail } from "../../lib/errors.js";
import type { ModelsPlace } from "../../lib/repository/place.js";
import type { ChangeOptions } from "../../lib/repository/repository.js";
import type { CommandContext } from "../context.js";
import { duration } from "../readers.js";
import type { VersionCommandOptions } from "../version.js";

/** Where a command's models are. */
export function placeOf(
	{ models }: VersionCommandOptions,
	{ cwd, env }: CommandContext,
): ModelsPlace {
	return { cwd, env, models };
}

/** Who changes a repository, why, and how it is told of what is odd. */
export function changeOptions(
	command: string,
	options: VersionCommandOptions,
	context: CommandContext,
): ChangeOptions {
	const { message, who, basePath, wait } = options;
	if (message !== undefined && message.length > MAX_MESSAGE)
		throw fail(
			"INVALID",
			`cannot keep a message of ${message.length} characters: at most ${MAX_MESSAGE} are kept`,
		);
	if (
		basePath !== undefined &&
		!/^(\/|[A-Za-z][\w.+-]*:\/\/)[^\n\r]*$/.test(basePath)
	)
		throw fail(
			"INVALID",
			`cannot use --base-path ${basePath}: an absolute path is wanted, as /models`,
		);
	return {
		command,
		who: (who ?? userName(context.env)).slice(0, MAX_MESSAGE),
		message,
		basePath,
		...(wait !== undefined && { waitMs: duration(wait, "--wait") }),
		warn: (text) => context.stderr(`warning: ${text}\n`),
	};
}

const MAX_MESSAGE = 10_000;

/** A container's user may have no name. */
function userName(env: CommandContext["env"]): string {
	try {
		return userInfo().username;
	} catch {
		return env.USER || env.USERNAME || "unknown";
	}
}

/** A path as somebody in this folder would type it. */
export function shownPath(path: string, { cwd }: CommandContext): string {
	const short = relative(cwd, path);
	return short === "" || short.startsWith("..") ? path : short;
}
