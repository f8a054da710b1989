import type { Signature } from "../../lib/savedmodel/signature.js";
import type { VersionStatus } from "../../lib/serving/host.js";
import type { WatchEvent } from "../../lib/serving/watch.js";
import { showShape } from "../../lib/tensor/tensor.js";
import { type Cell, columns } from "./columns.js";
import { type ClientNeeds, curlLine } from "./curl.js";
import { jsonVersion } from "./inspect-json.js";
import { showNumberOf } from "./quantity.js";
import type { Style } from "./style.js";

/** What `serve` serves, once it does. */
export interface Serving {
	/** `http://127.0.0.1:8501`. */
	readonly url: string;
	/** `127.0.0.1:8500`; undefined where gRPC is not served. */
	readonly grpc: string | undefined;
	readonly models: readonly ServingModel[];
	/** A request that one of them takes; undefined where none could be made up. */
	readonly example: ServingExample | undefined;
	/** Of those who ask over REST. */
	readonly needs?: ClientNeeds;
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
export function showServing(serving: Serving, style: Style): string {
	const { url, grpc, models } = serving;
	const limit = models.length > MANY_MODELS ? 1 : SHOWN_SIGNATURES;
	const lines = [
		`serving ${showNumberOf(models.length, "model")} at ${style.name(url)}${grpc === undefined ? "" : `, gRPC at ${style.name(grpc)}`}`,
	];
	for (const model of models)
		lines.push("", ...modelLines(model, limit, style));
	return `${[...lines, "", "try", `  ${lineToTry(serving)}`].join("\n")}\n`;
}

/** Where no request can be made up, a look at the model's status. */
function lineToTry({ url, models, example, needs }: Serving): string {
	if (example !== undefined) return curlLine(example.url, example.body, needs);
	const path = models.slice(0, 1).map(({ name }) => encodeURIComponent(name));
	const place = [`${url}/v1/models`, ...path].join("/");
	return curlLine(place, undefined, needs);
}

/** Signatures beyond these are only counted, of many models beyond the first. */
const SHOWN_SIGNATURES = 3;
const MANY_MODELS = 5;

/** Of names for the same. */
const SHOWN_KEYS = 3;

function modelLines(
	{ name, versions, signatures }: ServingModel,
	limit: number,
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
	const faces = grouped(signatures);
	const shown = faces.slice(0, limit);
	const rows = shown.map(({ signature }) => portRows(signature, style));
	const table = columns(rows.flat(), "    ");
	const lines = shown.flatMap(({ keys }, i) => [
		`  ${showKeys(keys, style)}`,
		...table.splice(0, rows[i].length),
	]);
	const hidden = faces
		.slice(limit)
		.reduce((count, { keys }) => count + keys.length, 0);
	if (hidden > 0)
		lines.push(style.faint(`  and ${showNumberOf(hidden, "more signature")}`));
	return [`${style.title(name)}  ${style.faint(title)}`, ...lines];
}

function showKeys(keys: readonly string[], style: Style): string {
	const shown = keys.slice(0, SHOWN_KEYS).map((key) => style.name(key));
	const hidden = keys.length - shown.length;
	return `${shown.join(", ")}${hidden === 0 ? "" : ` and ${hidden} more`}`;
}

interface Face {
	readonly keys: string[];
	readonly signature: Signature;
}

/** Keras exports each function under two keys; to a caller these are the same. */
function grouped(signatures: readonly Signature[]): Face[] {
	const faces = new Map<string, Face>();
	for (const signature of signatures) {
		const face = JSON.stringify(portRows(signature));
		const known = faces.get(face);
		if (known === undefined)
			faces.set(face, { keys: [signature.key], signature });
		else known.keys.push(signature.key);
	}
	return [...faces.values()];
}

function portRows({ inputs, outputs }: Signature, style?: Style): Cell[][] {
	const sides = [
		["in", inputs],
		["out", outputs],
	] as const;
	return sides.flatMap(([side, ports]) =>
		ports.map(({ name, dtype, shape }): Cell[] => [
			{ text: side, ...(style && { style: style.faint }) },
			{ text: name },
			{ text: dtype },
			{ text: shape === undefined ? "any shape" : showShape(shape) },
		]),
	);
}

/** A line on what happened to a model while it is served. */
export function showEvent({ kind, model, version, error }: WatchEvent): string {
	const reason = error === undefined ? "" : `: ${error.message}`;
	const title = version === undefined ? model : `${model} version ${version}`;
	return `${EVENTS[kind](title)}${reason}\n`;
}

const EVENTS: Readonly<Record<WatchEvent["kind"], (title: string) => string>> =
	{
		available: (title) => `serving ${title}`,
		unloaded: (title) => `unloaded ${title}`,
		failed: (title) => `warning: cannot serve ${title}`,
		trouble: (title) => `warning: ${title} serves on as it is`,
		recovered: (title) => `${title} is watched again`,
	};

/** The same for scripts, with the line to try it. */
export function servingJson(serving: Serving): unknown {
	return {
		url: serving.url,
		...(serving.grpc && { grpc: serving.grpc }),
		models: serving.models.map(({ name, versions, signatures }) => ({
			name,
			versions: versions.map(({ version, dir, state, error }) => ({
				version: jsonVersion(version),
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
		curl: lineToTry(serving),
	};
}

function portJson({ name, dtype, shape }: Signature["inputs"][number]) {
	return { name, dtype, shape: shape ?? null };
}
