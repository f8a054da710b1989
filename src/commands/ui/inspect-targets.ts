import type {
	SignatureTargets,
	TargetAnswer,
} from "../../lib/convert/survey.js";
import { type Cell, columns } from "./columns.js";
import type { Inspected } from "./inspect.js";
import { inlineError } from "./inspect-error.js";
import type { Style } from "./style.js";

/** Each signature with the targets that it converts to, and what is in the way of the others, a line a reason. */
export function showTargets(model: Inspected, style: Style): string {
	const { targets, error, name, version, path } = model;
	if (targets === undefined || error !== undefined)
		return inlineError(model, style);
	const lines = [style.title(`${name} ${version}`), style.faint(`  ${path}`)];
	for (const { signature, targets: answers } of targets)
		lines.push("", style.name(signature), ...answersOf(answers, style));
	return `${lines.join("\n")}\n`;
}

function answersOf(answers: readonly TargetAnswer[], style: Style): string[] {
	const rows = answers.flatMap(({ name, obstacles }): Cell[][] =>
		obstacles.length === 0
			? [[{ text: name }, { text: "converts" }]]
			: obstacles.map((obstacle, i) => [
					{ text: i === 0 ? name : "" },
					{ text: sentence(obstacle), style: style.faint },
				]),
	);
	return columns(rows, "  ");
}

function sentence(obstacle: TargetAnswer["obstacles"][number]): string {
	if (!("op" in obstacle)) return obstacle.reason;
	const { op, count, layer, reason } = obstacle;
	return `lacks ${op}, ${count === 1 ? "once" : `${count} times, first`} in ${layer}: ${reason}`;
}

/** As `inspect --json` gives it. */
export function targetsJson(targets: readonly SignatureTargets[]): unknown {
	return targets.map(({ signature, targets: answers }) => ({
		signature,
		targets: answers.map(({ name, obstacles }) => ({
			name,
			converts: obstacles.length === 0,
			obstacles,
		})),
	}));
}
