import type { BuildContext } from "../../lib/deploy/docker/context.js";
import type { Platform } from "../../lib/deploy/docker/platform.js";
import type { Pushed } from "../../lib/deploy/docker/push.js";
import type { Saving } from "../../lib/deploy/docker/saving.js";
import { type ImageSizes, sum } from "../../lib/deploy/docker/sizes.js";
import type { DeployedModel } from "../../lib/deploy/models.js";
import type { CommandContext, GlobalOptions } from "../context.js";
import { type Cell, columns } from "./columns.js";
import { curlLine } from "./curl.js";
import { showBytes, showNumberOf } from "./quantity.js";
import type { Style } from "./style.js";

export interface ShownImage {
	readonly models: readonly DeployedModel[];
	readonly tags: readonly string[];
	readonly base: string;
	readonly platform: Platform | undefined;
	readonly context: BuildContext;
	readonly sizes: ImageSizes;
}

/** What would be built: the Dockerfile as it is, what each layer takes, and the command that builds it. */
export function showDryRun(
	image: ShownImage & DryRunWishes,
	options: GlobalOptions,
	style: Style,
): string {
	const { context, sizes } = image;
	const commands = commandsFor(image);
	if (options.json)
		return `${JSON.stringify({ ...jsonOf(image), dockerfile: context.dockerfile, commands })}\n`;
	return [
		style.title("Dockerfile"),
		"",
		...context.dockerfile.trimEnd().split("\n"),
		"",
		style.title("layers"),
		"",
		...sizeLines(sizes, style),
		"",
		style.title("commands"),
		"",
		...commands.map((command) => `  ${command}`),
		...context.warnings.map((warning) => style.hint(`warning: ${warning}`)),
		"",
	].join("\n");
}

interface DryRunWishes {
	readonly push: boolean;
	readonly run: boolean;
}

function commandsFor(image: ShownImage & DryRunWishes): string[] {
	const [tag] = image.tags;
	return [
		buildCommand(image, "deploy/docker"),
		...(image.push ? image.tags.map((each) => `docker push ${each}`) : []),
		...(image.run ? [runCommand(tag)] : []),
	];
}

/** What builds a context that was written. */
export function buildCommand(
	{ tags, platform }: Pick<ShownImage, "tags" | "platform">,
	folder: string,
): string {
	return [
		"docker build",
		...tags.map((tag) => `--tag ${tag}`),
		...(platform === undefined ? [] : [`--platform ${platform.name}`]),
		/^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`,
	].join(" ");
}

function runCommand(tag: string): string {
	return `docker run --detach --read-only --tmpfs /tmp --cap-drop ALL --publish 127.0.0.1:8501:8501 --publish 127.0.0.1:8500:8500 ${tag}`;
}

/** Where a context was written, and how it is built. */
export function showWritten(
	image: ShownImage & { readonly folder: string },
	options: GlobalOptions,
	style: Style,
): string {
	const { folder, sizes, context } = image;
	const command = buildCommand(image, folder);
	if (options.json)
		return `${JSON.stringify({ ...jsonOf(image), folder, command })}\n`;
	return [
		`${style.title(folder)}  a build context for ${image.tags.join(", ")}`,
		"",
		...sizeLines(sizes, style),
		...context.warnings.map((warning) => style.hint(`warning: ${warning}`)),
		"",
		...(options.quiet ? [] : [style.hint(`next: ${command}`), ""]),
	].join("\n");
}

export interface BuiltImage extends ShownImage {
	readonly id: string;
	readonly saving: Saving | undefined;
	readonly pushed: readonly Pushed[];
	readonly trial: TriedImage | undefined;
}

/** A container that runs, and what it answered. */
export interface TriedImage {
	readonly container: string;
	readonly rest: string;
	readonly grpc: string;
	readonly readyMs: number;
	/** Undefined where JSON has no form of the model's inputs. */
	readonly example:
		| {
				readonly url: string;
				readonly body: string;
				readonly status: number;
				readonly answer: string;
		  }
		| undefined;
}

/** The image's name on stdout, for `$(mlship deploy docker)`: by digest where it was pushed; all else on stderr. */
export function showBuilt(
	image: BuiltImage,
	options: GlobalOptions,
	{
		stdout,
		stderr,
		style,
	}: Pick<CommandContext, "stdout" | "stderr"> & { readonly style: Style },
): void {
	const { id, sizes, saving, pushed, trial, tags } = image;
	if (options.json) {
		const { sizes: _, ...rest } = jsonOf(image);
		stdout(
			`${JSON.stringify({ id, ...rest, base: { image: image.base, bytes: sizes.base }, layers: sizes.layers, saving, pushed, run: trial })}\n`,
		);
		return;
	}
	if (!options.quiet) {
		const lines = ["", ...sizeLines(sizes, style)];
		if (saving !== undefined)
			lines.push(
				"",
				style.hint(
					`could be ${showBytes(saving.bytes)} smaller: ${saving.advice}`,
				),
			);
		for (const { image: tag, sent, kept } of pushed)
			lines.push(
				"",
				`pushed ${tag}: ${showNumberOf(sent, "layer")} sent, ${kept} were there`,
			);
		if (trial !== undefined) lines.push("", ...trialLines(trial, style));
		else if (pushed.length === 0)
			lines.push("", style.hint(`next: ${runCommand(tags[0])}`));
		stderr(`${lines.join("\n")}\n\n`);
	}
	const names =
		pushed.length > 0 ? pushed.map(({ reference }) => reference) : [tags[0]];
	stdout(`${names.join("\n")}\n`);
}

function trialLines(
	{ container, readyMs, rest, grpc, example }: TriedImage,
	style: Style,
): string[] {
	const seconds = (readyMs / 1000).toFixed(1);
	const lines = [
		`${style.name(container)} was ready after ${seconds} s: REST ${rest}, gRPC ${grpc}`,
	];
	if (example === undefined)
		lines.push("its inputs have no form in JSON, so that it was not asked");
	else
		lines.push(
			`it answered ${example.status === 200 ? "" : `${example.status} to a made-up input `}${shortened(example.answer)}`,
			"",
			curlLine(example.url, example.body),
		);
	return [...lines, style.hint(`stop it with docker rm --force ${container}`)];
}

function shortened(answer: string): string {
	const line = answer.replace(/\s+/g, " ").trim();
	return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

/** A row a layer, then the sum above the base. */
function sizeLines({ base, layers }: ImageSizes, style: Style): string[] {
	const row = (title: string, bytes: number): Cell[] => [
		{ text: title },
		{ text: showBytes(bytes), align: "right" },
	];
	return columns(
		[
			...(base === undefined ? [] : [row("base", base)]),
			...layers.map(({ title, bytes }) => row(title, bytes)),
			row("above the base", sum(layers.map(({ bytes }) => bytes))).map(
				(cell) => ({
					...cell,
					style: style.title,
				}),
			),
		],
		"  ",
	);
}

function jsonOf({ models, tags, base, platform, context, sizes }: ShownImage) {
	return {
		tags,
		base,
		platform: platform?.name,
		models: models.map(({ name, versions }) => ({
			name,
			versions: versions.map(({ version, digest, byteLength }) => ({
				version: String(version),
				digest,
				bytes: byteLength,
			})),
		})),
		labels: Object.fromEntries(context.labels),
		sizes,
		warnings: context.warnings,
	};
}
