import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fail } from "../../lib/errors.js";
import { readLines } from "../../lib/formats/lines.js";
import { planVersion, publishVersion } from "../../lib/repository/publish.js";
import { writeSavedModel } from "../../lib/savedmodel/write/model.js";
import { DTYPES, type DType, isDType } from "../../lib/tensor/dtype.js";
import { parseScale } from "../../lib/tensor/pixel-scale.js";
import type { CommandContext } from "../context.js";
import type { ExportCommandOptions } from "../export.js";
import { showExport } from "../ui/export.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { exportName, openExportSource } from "./source.js";

/** Writes a version of a model from a file of a network or a graph, and prints what it takes and gives. */
export async function runExport(
	file: string,
	options: ExportCommandOptions,
	context: CommandContext,
): Promise<void> {
	const path = resolve(context.cwd, file);
	const out = options.out ?? join("models", exportName(path));
	const scale =
		options.scale === undefined ? undefined : parseScale(options.scale);
	if (scale !== undefined && options.preprocess === undefined)
		throw fail(
			"INVALID",
			"cannot use --scale without --preprocess image: nothing is scaled",
		);
	const labels =
		options.labels === undefined
			? undefined
			: readLines(resolve(context.cwd, options.labels));
	const settings = {
		pictures: options.preprocess === undefined ? undefined : { scale },
		labels,
		batch: readBatch(options.batch),
		signatureType: readType(options.signatureDtype),
		outputNames: options.outputNames?.split(",").map((name) => name.trim()),
	};
	const source = await openExportSource(path, options, settings);
	try {
		const plan = planVersion(resolve(context.cwd, out), {
			replace: options.force,
		});
		const published = await publishVersion(
			plan,
			(folder) => {
				writeSavedModel(folder, source.graph, {
					variables: options.variables,
				});
				if (labels !== undefined) writeLabels(folder, labels);
			},
			{ command: `export ${basename(path)}` },
		);
		const shown = {
			...source,
			file: basename(path),
			model: basename(plan.dir),
			...published,
			cwd: context.cwd,
		};
		const style = styleFor(colourWanted(context, options, "stdout"));
		context.stdout(showExport(shown, options, style));
	} finally {
		source.close();
	}
}

/** Where `predict` finds them too. */
function writeLabels(folder: string, labels: readonly string[]): void {
	const extra = join(folder, "assets.extra");
	mkdirSync(extra);
	writeFileSync(join(extra, "labels.txt"), `${labels.join("\n")}\n`);
}

function readBatch(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const batch = Number(text);
	if (!/^\d+$/.test(text) || batch < 1 || !Number.isSafeInteger(batch))
		throw fail(
			"INVALID",
			`cannot read --batch ${text}: a number of rows was wanted`,
		);
	return batch;
}

function readType(text: string | undefined): DType | undefined {
	if (text === undefined) return undefined;
	const numbers = (Object.keys(DTYPES) as DType[]).filter((name) =>
		["float", "half", "int", "bigint"].includes(DTYPES[name].kind),
	);
	if (!isDType(text) || !numbers.includes(text))
		throw fail(
			"INVALID",
			`cannot use --signature-dtype ${text}: wanted one of ${numbers.join(", ")}`,
		);
	return text;
}
