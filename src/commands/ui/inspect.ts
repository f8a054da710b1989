import type { SignatureTargets } from "../../lib/convert/survey.js";
import type { SignatureEngines } from "../../lib/engines/survey.js";
import type { MlshipError } from "../../lib/errors.js";
import type { ExampleRequest } from "../../lib/savedmodel/example.js";
import { PLUMBING } from "../../lib/savedmodel/layers.js";
import { DEFAULT_SIGNATURE } from "../../lib/savedmodel/signature.js";
import type {
	LiteFacts,
	MetaGraphSummary,
	ModelSummary,
	OnnxFacts,
	PortSummary,
	SignatureSummary,
} from "../../lib/savedmodel/summary.js";
import { showShape } from "../../lib/tensor/tensor.js";
import { type Cell, columns, wrapped } from "./columns.js";
import { inlineError } from "./inspect-error.js";
import { showBytes, showCount, showNumberOf } from "./quantity.js";
import type { Style } from "./style.js";

/** Which parts of a summary to print. */
export interface InspectSections {
	readonly signatures: boolean;
	/** A few lines on weights, layers and operations. */
	readonly overview: boolean;
	readonly ops: boolean;
	readonly opNames: boolean;
	readonly layers: boolean;
	readonly weights: boolean;
	/** Beyond these a list is cut. */
	readonly signatureLimit: number;
	readonly weightLimit: number;
}

/** A version of a model, and its summary or why there is none. */
export interface Inspected {
	readonly name: string;
	readonly version: bigint;
	/** All versions of the model. */
	readonly versions: readonly bigint[];
	readonly dir: string;
	/** The same as a person would type it. */
	readonly path: string;
	readonly summary?: ModelSummary;
	readonly error?: MlshipError;
	readonly example?: ExampleRequest & { readonly url: string };
	readonly engines?: readonly SignatureEngines[];
	readonly targets?: readonly SignatureTargets[];
}

/** One version of a model for people: what it takes and gives first, then what it is made of. */
export function showInspected(
	model: Inspected,
	sections: InspectSections,
	style: Style,
): string {
	const { summary } = model;
	if (summary === undefined) return inlineError(model, style);
	const lines = heading(model, summary, style);
	for (const metaGraph of summary.metaGraphs) {
		if (summary.metaGraphs.length > 1)
			lines.push("", style.title(`tags ${showTags(metaGraph)}`));
		lines.push(...showMetaGraph(metaGraph, summary, sections, style));
	}
	return `${lines.join("\n")}\n`;
}

function heading(
	{ name, version, versions, path }: Inspected,
	summary: ModelSummary,
	style: Style,
): string[] {
	const [first, ...others] = summary.metaGraphs;
	const facts = [
		path,
		first.tensorflowVersion && `TensorFlow ${first.tensorflowVersion}`,
		...(summary.onnx === undefined ? [] : onnxFacts(summary.onnx)),
		...(summary.lite === undefined ? [] : liteFacts(summary.lite)),
		others.length === 0 && `tags ${showTags(first)}`,
		versions.length > 1 && `versions ${versions.join(", ")}`,
	].filter((fact) => fact);
	return [
		`${style.title(`${name} ${version}`)}`,
		style.faint(`  ${facts.join(" · ")}`),
	];
}

function onnxFacts({ irVersion, opsets, producer }: OnnxFacts): string[] {
	const sets = Object.entries(opsets).map(([domain, version]) =>
		domain === "ai.onnx" ? `opset ${version}` : `${domain} ${version}`,
	);
	return [
		`ONNX ${[`IR ${irVersion}`, ...sets].join(", ")}`,
		...(producer === "" ? [] : [`made by ${producer}`]),
	];
}

function liteFacts({ version, runtime, producer }: LiteFacts): string[] {
	return [
		`TensorFlow Lite ${version}`,
		...(runtime === "" ? [] : [`for TensorFlow ${runtime} and later`]),
		...(producer === "" ? [] : [`made by "${producer}"`]),
	];
}

function showTags({ tags }: MetaGraphSummary): string {
	return tags.length === 0 ? "(none)" : tags.join(",");
}

function showMetaGraph(
	metaGraph: MetaGraphSummary,
	summary: ModelSummary,
	sections: InspectSections,
	style: Style,
): string[] {
	const parts: [boolean, () => string[]][] = [
		[sections.signatures, () => signatureLines(metaGraph, sections, style)],
		[sections.overview, () => overviewLines(metaGraph, summary, style)],
		[sections.weights, () => weightLines(metaGraph, sections, style)],
		[sections.layers, () => layerLines(metaGraph, style)],
		[sections.ops, () => opLines(metaGraph, style)],
		[sections.opNames, () => opNameLines(metaGraph)],
	];
	return parts.flatMap(([wanted, lines]) => (wanted ? ["", ...lines()] : []));
}

function signatureLines(
	{ signatures }: MetaGraphSummary,
	{ signatureLimit }: InspectSections,
	style: Style,
): string[] {
	if (signatures.length === 0) return ["no signatures"];
	const shown = defaultFirst(signatures).slice(0, signatureLimit);
	const twins = shown.map((signature, i) =>
		shown.slice(0, i).find((other) => isSame(signature, other)),
	);
	const rows = shown.map((signature, i) =>
		twins[i] === undefined ? portRows(signature, style) : [],
	);
	const table = columns(rows.flat(), "  ");
	const lines = shown.flatMap((signature, i) => [
		...(i === 0 ? [] : [""]),
		signatureTitle(signature, style) +
			(twins[i] === undefined ? "" : style.faint(` as ${twins[i].key}`)),
		...table.splice(0, rows[i].length),
	]);
	const hidden = signatures.length - shown.length;
	if (hidden === 0) return lines;
	const more = `and ${showNumberOf(hidden, "more signature")}: --all lists them, --signature NAME shows one`;
	return [...lines, "", style.faint(more)];
}

function defaultFirst(
	signatures: readonly SignatureSummary[],
): SignatureSummary[] {
	const isDefault = ({ key }: SignatureSummary) => key === DEFAULT_SIGNATURE;
	return [
		...signatures.filter(isDefault),
		...signatures.filter((signature) => !isDefault(signature)),
	];
}

/** Keras exports each function under two keys; to a caller these are the same. */
function isSame(a: SignatureSummary, b: SignatureSummary): boolean {
	const faceOf = ({ methodName, inputs, outputs }: SignatureSummary) =>
		JSON.stringify([
			methodName,
			[inputs, outputs].map((ports) =>
				ports.map(({ name, kind, dtype, shape, hasDefault }) => [
					name,
					kind,
					dtype,
					shape,
					hasDefault,
				]),
			),
		]);
	return faceOf(a) === faceOf(b);
}

function signatureTitle(
	{ key, methodName }: SignatureSummary,
	style: Style,
): string {
	return methodName === "" || methodName === PREDICT
		? style.name(key)
		: `${style.name(key)} ${style.faint(methodName)}`;
}

/** The usual method, which is not worth a word. */
const PREDICT = "tensorflow/serving/predict";

function portRows(
	{ inputs, outputs }: SignatureSummary,
	style: Style,
): Cell[][] {
	return [
		...inputs.map((port) => portRow("in", port, style)),
		...outputs.map((port) => portRow("out", port, style)),
	];
}

function portRow(
	side: string,
	{ name, dtype, shape, kind, tensorNames, hasDefault }: PortSummary,
	style: Style,
): Cell[] {
	const remarks = [
		kind === "dense" ? "" : kind,
		hasDefault ? "optional" : "",
		tensorNames.join(", "),
	].filter((remark) => remark !== "");
	return [
		{ text: side, style: style.faint },
		{ text: name },
		{ text: dtype },
		{ text: shape === undefined ? "any shape" : showShape(shape) },
		{ text: remarks.join(" "), style: style.faint },
	];
}

function overviewLines(
	metaGraph: MetaGraphSummary,
	summary: ModelSummary,
	style: Style,
): string[] {
	const rows: [title: string, text: string][] = [
		["weights", weightsText(metaGraph, summary)],
		["layers", layersText(metaGraph)],
		["graph", graphText(metaGraph, summary)],
		["assets", metaGraph.assets.join(", ")],
		["left out", leftOutText(summary)],
		["integers", quantizedText(summary)],
	];
	return columns(
		rows
			.filter(([, text]) => text !== "")
			.map(([title, text]) => [{ text: title, style: style.title }, { text }]),
	);
}

function weightsText(
	{ weights, constants }: MetaGraphSummary,
	{ checkpoint, onnx, lite }: ModelSummary,
): string {
	const [none, kind] =
		(onnx ?? lite) === undefined
			? ["no variables", "variable"]
			: ["no weights", lite === undefined ? "initializer" : "tensor"];
	const parameters = weights.reduce((sum, w) => sum + w.parameters, 0);
	const bytes = weights.reduce((sum, w) => sum + w.byteLength, 0);
	const facts =
		weights.length === 0
			? [none]
			: [
					`${showCount(parameters)} parameters in ${showNumberOf(weights.length, kind)}, ${showBytes(bytes)}`,
				];
	if (constants.byteLength >= NOTABLE_CONSTANTS)
		facts.push(`constants of ${showBytes(constants.byteLength)}`);
	if (checkpoint !== undefined && checkpoint.byteLength > bytes * 1.5)
		facts.push(
			`checkpoint of ${showNumberOf(checkpoint.tensors, "tensor")}, ${showBytes(checkpoint.byteLength)}`,
		);
	return facts.join("; ");
}

/** Below this they are shapes and axes, not weights. */
const NOTABLE_CONSTANTS = 10_000;

/** Ports whose integers stand for real numbers. */
function quantizedText({ lite }: ModelSummary): string {
	return (lite?.quantized ?? [])
		.map(({ port, scale, zeroPoint }) => {
			const offset = Math.abs(zeroPoint);
			const sign = zeroPoint > 0 ? "-" : "+";
			const number = offset === 0 ? "n" : `(n ${sign} ${offset})`;
			return `${port} = ${Number(scale.toPrecision(4))} · ${number}`;
		})
		.join("; ");
}

/** Outputs that a caller does not get. */
function leftOutText({ onnx }: ModelSummary): string {
	return (onnx?.leftOut ?? [])
		.map(({ name, reason }) => `output ${name}, which is ${reason}`)
		.join("; ");
}

const SHOWN_LAYERS = 4;

function layersText({ layers }: MetaGraphSummary): string {
	if (layers.length === 0) return "";
	const names = layers.map(({ name }) => name);
	const list =
		names.length <= SHOWN_LAYERS + 1
			? names
			: [...names.slice(0, SHOWN_LAYERS - 1), "…", names[names.length - 1]];
	return `${showCount(names.length)}: ${list.join(", ")}`;
}

const SHOWN_OPS = 6;

function graphText(
	{ ops, functions }: MetaGraphSummary,
	{ file, byteLength }: ModelSummary,
): string {
	const used = ops.filter((row) => row.used > 0);
	const nodes = used.reduce((sum, row) => sum + row.used, 0);
	const working = used
		.filter(({ op }) => !PLUMBING.has(op))
		.map((row) => `${row.op} ${showCount(row.used)}`);
	const list =
		working.length > SHOWN_OPS
			? [...working.slice(0, SHOWN_OPS), "…"]
			: working;
	return `${showNumberOf(nodes, "node")}, ${showNumberOf(used.length, "operation")}${list.length === 0 ? "" : `: ${list.join(", ")}`}; ${showNumberOf(functions.length, "function")}; ${file} ${showBytes(byteLength)}`;
}

function weightLines(
	{ weights }: MetaGraphSummary,
	{ weightLimit }: InspectSections,
	style: Style,
): string[] {
	if (weights.length === 0) return ["no weights"];
	const rows = weights
		.slice(0, weightLimit)
		.map((weight): Cell[] => [
			{ text: weight.name },
			{ text: weight.dtype },
			{ text: showShape(weight.shape) },
			{ text: showCount(weight.parameters), align: "right" },
			{ text: showBytes(weight.byteLength), align: "right" },
			{ text: weight.key, style: style.faint },
		]);
	const titles = [
		"weight",
		"type",
		"shape",
		"parameters",
		"bytes",
		"key in the checkpoint",
	];
	const hidden = weights.length - rows.length;
	return [
		...columns([titleRow(titles, rows[0], style), ...rows]),
		...(hidden === 0
			? []
			: [style.faint(`and ${showCount(hidden)} smaller: --all lists them`)]),
	];
}

function layerLines({ layers }: MetaGraphSummary, style: Style): string[] {
	if (layers.length === 0) return ["no layers"];
	const rows = layers.map((layer): Cell[] => [
		{ text: layer.name },
		{ text: showCount(layer.parameters), align: "right" },
		{ text: layer.ops.join(", ") },
		{
			text: layer.weights.map(({ shape }) => showShape(shape)).join(" "),
			style: style.faint,
		},
	]);
	const titles = ["layer", "parameters", "operations", "weights"];
	return columns([titleRow(titles, rows[0], style), ...rows]);
}

function opLines({ ops }: MetaGraphSummary, style: Style): string[] {
	const rows = ops.map(({ op, count, used }): Cell[] => [
		{ text: op },
		{ text: showCount(used), align: "right" },
		{ text: showCount(count), align: "right" },
	]);
	if (rows.length === 0) return ["no operations"];
	const titles = ["operation", "used", "in the file"];
	return columns([titleRow(titles, rows[0], style), ...rows]);
}

function opNameLines({ ops }: MetaGraphSummary): string[] {
	return wrapped(ops.map(({ op }) => op).sort(), "");
}

/** Titles aligned as the cells below them. */
function titleRow(
	titles: readonly string[],
	below: readonly Cell[],
	style: Style,
): Cell[] {
	return titles.map((text, i) => ({ ...below[i], text, style: style.title }));
}
