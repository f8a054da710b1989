import type { Obstacle } from "../../lib/engines/engine.js";
import type {
	EngineAnswer,
	SignatureEngines,
} from "../../lib/engines/survey.js";
import { type Cell, columns } from "./columns.js";
import type { Inspected } from "./inspect.js";
import { inlineError } from "./inspect-error.js";
import type { Style } from "./style.js";

/** Each signature with the engines that run it, and what is in the way of the others, a line a reason. */
export function showEngines(model: Inspected, style: Style): string {
	const { engines, error, name, version, path } = model;
	if (engines === undefined || error !== undefined)
		return inlineError(model, style);
	const lines = [style.title(`${name} ${version}`), style.faint(`  ${path}`)];
	for (const { signature, engines: answers } of engines)
		lines.push("", style.name(signature), ...answersOf(answers, style));
	return `${lines.join("\n")}\n`;
}

function answersOf(answers: readonly EngineAnswer[], style: Style): string[] {
	const rows = answers.flatMap(({ name, obstacles }): Cell[][] =>
		obstacles.length === 0
			? [[{ text: name }, { text: "runs it" }]]
			: obstacles.map((obstacle, i) => [
					{ text: i === 0 ? name : "" },
					{ text: sentence(obstacle), style: style.faint },
				]),
	);
	return columns(rows, "  ");
}

function sentence(obstacle: Obstacle): string {
	if (!("op" in obstacle)) return obstacle.reason;
	const { op, count, node, reason } = obstacle;
	return `cannot do ${op}, ${count === 1 ? "once" : `${count} times`}, first at ${node}: ${reason}`;
}

/** As `inspect --json` gives it. */
export function enginesJson(engines: readonly SignatureEngines[]): unknown {
	return engines.map(({ signature, engines: answers }) => ({
		signature,
		engines: answers.map(({ name, obstacles }) => ({
			name,
			runs: obstacles.length === 0,
			obstacles,
		})),
	}));
}
