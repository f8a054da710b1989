import type { Conversion, ConversionPlan } from "../../lib/convert/convert.js";

/** As `convert --dry-run --json` gives it. */
export function planJson({
	target,
	source,
	lowered,
	obstacles,
}: ConversionPlan): Record<string, unknown> {
	return {
		target: target.name,
		source: {
			path: source.path,
			byteLength: source.byteLength,
			signatures: source.programs.map(({ signature }) => signature),
		},
		operations: Object.fromEntries(lowered.ops),
		notes: lowered.notes,
		...(lowered.quantized && { quantized: lowered.quantized }),
		...(lowered.layers && { layers: lowered.layers }),
		obstacles,
	};
}

/** As `convert --json` gives it. */
export function conversionJson({
	plan,
	main,
	files,
	verification,
}: Conversion): Record<string, unknown> {
	return {
		...planJson(plan),
		main,
		files,
		byteLength: files.reduce((sum, { byteLength }) => sum + byteLength, 0),
		verification,
	};
}
