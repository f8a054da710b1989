import { Readable } from "node:stream";
import { fail, type MlshipError } from "../../errors.js";
import { writeTar } from "../../formats/tar.js";
import { parseImage, registryOf } from "../image-reference.js";
import { type BuildContext, contextEntries } from "./context.js";
import { credentialsFor } from "./credentials.js";
import { type Daemon, daemonError } from "./daemon.js";
import { followMessages } from "./messages.js";

export interface BuildSettings {
	readonly tags: readonly string[];
	/** Undefined for the daemon's own. */
	readonly platform?: string | undefined;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly signal: AbortSignal;
	/** Told of each step as it begins. */
	onStep?(step: BuildStep): void;
}

export interface BuildStep {
	readonly index: number;
	readonly count: number;
	/** A line of the Dockerfile. */
	readonly instruction: string;
}

/**
 * Has an image built by the daemon, to which the context goes as a stream; returns the image's id. Fails with NOT_READY and the
 * last lines of what was printed where a step fails.
 */
export async function buildImage(
	{ api }: Daemon,
	context: BuildContext,
	{ tags, platform, env, signal, onStep }: BuildSettings,
): Promise<string> {
	const registry = registryOf(parseImage(context.base).repository);
	const login = await credentialsFor(registry, env);
	const lines: string[] = [];
	let step = "";
	const stream = await api
		.buildImage(Readable.from(writeTar(contextEntries(context))), {
			t: tags[0],
			...(platform === undefined ? {} : { platform }),
			...(login === undefined
				? {}
				: { registryconfig: { [login.serveraddress]: login } as never }),
			// nothing is downloaded by what runs
			networkmode: "none",
			rm: true,
			forcerm: true,
			abortSignal: signal,
		})
		.catch((error: unknown) => {
			throw daemonError(error, "build the image");
		});
	await followMessages(stream, {
		onMessage: ({ stream: text = "" }) => {
			const [, index, count, instruction] =
				/^Step (\d+)\/(\d+) : ([^\n]*)/i.exec(text) ??
				/^STEP (\d+)\/(\d+): ([^\n]*)/.exec(text) ??
				[];
			if (instruction !== undefined) {
				step = instruction;
				onStep?.({ index: Number(index), count: Number(count), instruction });
			} else lines.push(...text.split("\n").filter((line) => line !== ""));
		},
		onFailure: (message) => buildFailure(message, step, lines, context.base),
	});
	for (const tag of tags.slice(1)) {
		const { repository: repo, tag: name } = parseImage(tag);
		await api.getImage(tags[0]).tag({ repo, tag: name });
	}
	const { Id } = await api.getImage(tags[0]).inspect();
	return Id;
}

function buildFailure(
	message: string,
	step: string,
	lines: readonly string[],
	base: string,
): MlshipError {
	const last = lines.slice(-LAST_LINES).map((line) => `\n  ${line}`);
	if (/^FROM/i.test(step) || step === "")
		return fail("NOT_READY", `cannot build the image on ${base}: ${message}`, {
			hint: "let the daemon reach its registry, or give --base an image that it has (docker image ls)",
		});
	return fail(
		"NOT_READY",
		`cannot build the image: ${step} failed: ${message}${last.join("")}`,
	);
}

const LAST_LINES = 10;
