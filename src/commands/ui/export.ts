import { relative } from "node:path";
import type { PortSummary } from "../../lib/keras/export.js";
import { showShape } from "../../lib/tensor/tensor.js";
import type { GlobalOptions } from "../context.js";
import { type Cell, columns } from "./columns.js";
import { showCount, showNumberOf } from "./quantity.js";
import type { Style } from "./style.js";

export interface ShownExport {
	readonly inputs: readonly PortSummary[];
	readonly outputs: readonly PortSummary[];
	/** Of a network. */
	readonly layers?: number;
	readonly parameters?: number;
	readonly file: string;
	readonly form: string;
	readonly kerasVersion: string;
	readonly model: string;
	readonly version: bigint;
	readonly dir: string;
	readonly cwd: string;
}

/** What was written and where, what it takes and gives. */
export function showExport(
	exported: ShownExport,
	options: GlobalOptions,
	style: Style,
): string {
	if (options.json) return `${JSON.stringify(jsonOf(exported))}\n`;
	const { file, kerasVersion, model, version, dir, cwd } = exported;
	const { inputs, outputs, layers, parameters } = exported;
	const place = relative(cwd, dir);
	const facts = [
		place,
		`from ${file}`,
		...(kerasVersion === "" ? [] : [`Keras ${kerasVersion}`]),
		...(layers === undefined || parameters === undefined
			? []
			: [`${showNumberOf(layers, "layer")}, ${showCount(parameters)} weights`]),
	];
	const lines = [
		`${style.title(model)} ${version}`,
		`  ${style.faint(facts.join(" · "))}`,
		"",
		...columns(
			[
				...inputs.map((port) => row("in", port, style)),
				...outputs.map((port) => row("out", port, style)),
			],
			"  ",
		),
	];
	const hint = options.quiet
		? []
		: ["", style.hint(`next: mlship serve ${relative(cwd, dir)}`)];
	return [...lines, ...hint, ""].join("\n");
}

function row(kind: string, port: PortSummary, style: Style): Cell[] {
	return [
		{ text: kind, style: style.faint },
		{ text: port.name, style: style.name },
		{ text: port.dtype },
		{ text: showShape(port.shape) },
	];
}

function jsonOf({
	cwd: _,
	version,
	kerasVersion,
	...rest
}: ShownExport): Readonly<Record<string, unknown>> {
	const { file, form, model, dir, inputs, outputs, layers, parameters } = rest;
	return {
		model,
		version: String(version),
		dir,
		source: { file, form, kerasVersion },
		inputs,
		outputs,
		layers,
		parameters,
	};
}
