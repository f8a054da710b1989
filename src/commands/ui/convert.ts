import type { Conversion, ConversionPlan } from "../../lib/convert/convert.js";
import type { ConvertObstacle } from "../../lib/convert/report.js";
import { type Cell, columns, wrapped } from "./columns.js";
import { showBytes, showCount, showNumberOf } from "./quantity.js";
import type { Style } from "./style.js";
import { comparisonLines } from "./verify.js";

/** What a conversion is called on the screen. */
export interface ConversionTitle {
	readonly name: string;
	readonly version: bigint;
}

/** What would be made, and what is in the way. */
export function showPlan(
	plan: ConversionPlan,
	title: ConversionTitle,
	style: Style,
): string {
	return text([
		...head(plan, title, style),
		...(plan.obstacles.length === 0
			? [
					"",
					...operations(plan),
					...quantizedLines(plan),
					"",
					"nothing was written (--dry-run)",
				]
			: ["", ...obstacleLines(plan.obstacles, style)]),
	]);
}

/** What was made, and how its answers compare. */
export function showConversion(
	{ plan, files, verification, mismatch }: Conversion,
	title: ConversionTitle & { readonly main: string },
	style: Style,
): string {
	const total = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
	const before = showBytes(plan.source.byteLength);
	return text([
		...head(plan, title, style),
		mismatch !== undefined
			? "wrote nothing: answers differ"
			: `wrote ${style.name(title.main)}, ${showBytes(total)}; the source has ${before}`,
		...(files.length > 1
			? columns(
					files.map(({ name, byteLength }): Cell[] => [
						{ text: name },
						{ text: showBytes(byteLength), align: "right" },
					]),
					"  ",
				)
			: []),
		...quantizedLines(plan),
		...layerLines(plan),
		...plan.lowered.notes.map((note) => `${style.hint("note:")} ${note}`),
		"",
		...operations(plan),
		"",
		...("skipped" in verification
			? [`not verified: ${verification.skipped}`]
			: comparisonLines(verification, style)),
	]);
}

function head(
	{ source, target }: ConversionPlan,
	{ name, version }: ConversionTitle,
	style: Style,
): string[] {
	const signatures = source.programs.map(({ signature }) => signature);
	return [
		`${style.title(`${name} ${version}`)}, ${signatures.join(", ")} → ${target.name}`,
	];
}

/** Which weights each pattern took. */
function quantizedLines({ lowered }: ConversionPlan): string[] {
	const { quantized = [] } = lowered;
	if (quantized.length === 0) return [];
	const rows = quantized.map(
		({ type, glob, weights, before, after }): Cell[] => [
			{ text: type },
			{ text: glob },
			{ text: showNumberOf(weights, "weight"), align: "right" },
			{ text: `${showBytes(before)} → ${showBytes(after)}` },
		],
	);
	return ["", "quantized", ...columns(rows, "  ")];
}

/** What smaller numbers made of each layer. */
function layerLines({ lowered }: ConversionPlan): string[] {
	const { layers = [] } = lowered;
	if (layers.length === 0) return [];
	const isMeasured = layers.some(({ error }) => error !== undefined);
	const titles = ["layer", "weights", "weights off by", "off by", "in floats"];
	const rows = layers.map(
		({ layer, before, after, weightError, error, floats }): Cell[] => [
			{ text: layer },
			{
				text: before === 0 ? "" : `${showBytes(before)} → ${showBytes(after)}`,
			},
			{ text: weightError === 0 ? "" : weightError.toPrecision(2) },
			...(isMeasured ? [{ text: error?.toPrecision(2) ?? "" }] : []),
			{ text: [...new Set(floats.map(({ op }) => op))].join(", ") },
		],
	);
	const shown = isMeasured ? titles : titles.toSpliced(3, 1);
	const head = shown.map((title): Cell => ({ text: title }));
	return ["", ...columns([head, ...rows], "  ")];
}

function operations({ lowered, target }: ConversionPlan): string[] {
	const counts = [...lowered.ops].sort(
		([a, m], [b, n]) => n - m || (a < b ? -1 : 1),
	);
	const total = counts.reduce((sum, [, count]) => sum + count, 0);
	return [
		`${showCount(total)} operations of ${target.name}`,
		...wrapped(
			counts.map(([op, count]) => (count === 1 ? op : `${op}×${count}`)),
			"  ",
		),
	];
}

/** All that is in the way, a line an operation, and what can be done. */
export function obstacleLines(
	obstacles: readonly ConvertObstacle[],
	style: Style,
): string[] {
	return obstacles.flatMap(({ op, count, node, layer, reason, way }) => [
		`${style.error(op)}${count === 1 ? "" : ` ×${count}`}: ${reason}`,
		style.faint(
			`  ${count === 1 ? "" : "first "}at ${node}${layer === node ? "" : `, layer ${layer}`}`,
		),
		`  ${way}`,
	]);
}

function text(lines: readonly string[]): string {
	return `${lines.join("\n")}\n`;
}
