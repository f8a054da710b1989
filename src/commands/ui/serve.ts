import type { Signature } from "../../lib/savedmodel/signature.js";
import type { VersionStatus } from "../../lib/serving/host.js";
import { showShape } from "../../lib/tensor/tensor.js";
import { type Cell, columns } from "./columns.js";
import { curlLine } from "./curl.js";
import { showNumberOf } from "./quantity.js";
import type { Style } from "./style.js";

/** What `serve` serves, once it does. */
export interface Serving {
	/** `http://127.0.0.1:8501`. */
	readonly url: string;
	readonly models: readonly ServingModel[];
	/** A request that the first model takes; undefined where none could be made up. */
	readonly example: ServingExample | undefined;
}

export interface ServingModel {
	readonly name: string;
	/** The latest first, also those that did not load. */
	readonly versions: readonly VersionStatus[];
	/** Of the version that answers; those first that are meant by default. */
	readonly signatures: readonly Signature[];
}

export interface ServingExample {
	readonly url: string;
	readonly body: string;
}

/** What is served, where, and a line to try it with. */
export function showServing(
	{ url, models, example }: Serving,
	style: Style,
): string {
	const lines = [
		`serving ${showNumberOf(models.length, "model")} at ${style.name(url)}`,
	];
	for (const model of models) lines.push("", ...modelLines(model, style));
	const line =
		example === undefined
			? curlLine(`${url}/v1/models/${encodeURIComponent(models[0].name)}`)
			: curlLine(example.url, example.body);
	return `${[...lines, "", "try", `  ${line}`].join("\n")}\n`;
}

/** Signatures beyond these are only counted. */
const SHOWN_SIGNATURES = 3;

function modelLines(
	{ name, versions, signatures }: ServingModel,
	style: Style,
): string[] {
	const available = versions
		.filter(({ state }) => state === "AVAILABLE")
		.map(({ version }) => version);
	const [latest, ...older] = available;
	const title =
		latest === undefined
			? "no version answers"
			: `version ${latest}${older.length === 0 ? "" : `, and ${older.join(", ")} under /versions/N`}`;
	const shown = signatures.slice(0, SHOWN_SIGNATURES);
	const rows = shown.map((signature) => portRows(signature, style));
	const table = columns(rows.flat(), "  ");
	const lines = shown.flatMap(({ key }, i) => [
		`  ${style.name(key)}`,
		...table.splice(0, rows[i].length).map((line) => `  ${line}`),
	]);
	const hidden = signatures.length - shown.length;
	if (hidden > 0)
		lines.push(style.faint(`  and ${showNumberOf(hidden, "more signature")}`));
	return [`${style.title(name)}  ${style.faint(title)}`, ...lines];
}

function portRows({ inputs, outputs }: Signature, style: Style): Cell[][] {
	const sides = [
		["in", inputs],
		["out", outputs],
	] as const;
	return sides.flatMap(([side, ports]) =>
		ports.map(({ name, dtype, shape }): Cell[] => [
			{ text: side, style: style.faint },
			{ text: name },
			{ text: dtype },
			{ text: shape === undefined ? "any shape" : showShape(shape) },
		]),
	);
}

/** The same for scripts: versions are strings, as they may be larger than a number holds. */
export function servingJson({ url, models, example }: Serving): unknown {
	return {
		url,
		models: models.map(({ name, versions, signatures }) => ({
			name,
			versions: versions.map(({ version, dir, state, error }) => ({
				version: String(version),
				dir,
				state,
				...(error && { error: { code: error.code, message: error.message } }),
			})),
			signatures: signatures.map(({ key, methodName, inputs, outputs }) => ({
				key,
				methodName,
				inputs: inputs.map(portJson),
				outputs: outputs.map(portJson),
			})),
		})),
		example: example ?? null,
	};
}

function portJson({ name, dtype, shape }: Signature["inputs"][number]) {
	return { name, dtype, shape: shape ?? null };
}
