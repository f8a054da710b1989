import type { Tensors } from "../../lib/engines/engine.js";
import { fail } from "../../lib/errors.js";
import { encodeOutputsJson } from "../../lib/tensor/json/encode.js";
import {
	isDistribution,
	isScores,
	rankRows,
} from "../../lib/tensor/ranking.js";
import type { Tensor } from "../../lib/tensor/tensor.js";
import type { CommandContext } from "../context.js";
import { type ShownOutput, showOutputs } from "../ui/predict.js";
import { colourWanted, styleFor } from "../ui/style.js";
import type { Labels } from "./labels.js";
import { saveOutputs } from "./save.js";
import type { PredictSettings } from "./settings.js";

export interface Subject {
	readonly labels: Labels | undefined;
	/** What the rows are called, as files of pictures. */
	readonly rows: readonly string[] | undefined;
}

/** Outputs to a file, as JSON, or for a person. */
export function present(
	outputs: Tensors,
	{ labels, rows }: Subject,
	settings: PredictSettings,
	context: CommandContext,
): void {
	const { out, json } = settings;
	if (out !== undefined) saveOutputs(outputs, out, settings, context);
	else if (json) {
		context.stdout(encodeOutputsJson(outputs));
		context.stdout("\n");
	} else {
		const shown = Object.entries(outputs).map(([name, tensor]) =>
			shownOutput(name, tensor, { labels, rows }, settings),
		);
		const style = styleFor(colourWanted(context, settings, "stdout"));
		context.stdout(showOutputs(shown, style));
	}
}

const USUAL_CLASSES = 3;

/** Classes where there are scores that look like it, or where somebody asks for classes. */
function shownOutput(
	name: string,
	tensor: Tensor,
	{ labels, rows }: Subject,
	{ classes }: PredictSettings,
): ShownOutput {
	const isAsked = classes !== undefined || labels !== undefined;
	if (!isScores(tensor) || !(isAsked || isDistribution(tensor)))
		return { name, tensor };
	const [, count] = tensor.shape;
	if (labels?.named !== undefined && labels.names.length !== count)
		throw fail(
			"INVALID",
			`cannot name the classes of output "${name}": it has ${count}, ${labels.named} has ${labels.names.length} lines`,
			{ at: { output: name, file: labels.named } },
		);
	const names = labels?.names.length === count ? labels.names : [];
	return {
		name,
		tensor,
		classes: {
			areProbabilities: isDistribution(tensor),
			rows: rankRows(tensor, classes ?? USUAL_CLASSES).map((ranked, i) => ({
				name: rows?.[i],
				ranked: ranked.map(({ index, score }) => ({
					label: names[index] || String(index),
					score,
				})),
			})),
		},
	};
}
