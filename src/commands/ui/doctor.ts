import type { Finding } from "../../lib/deploy/finding.js";
import type { GlobalOptions } from "../context.js";
import { showNumberOf } from "./quantity.js";
import type { Style } from "./style.js";

export interface ShownFinding {
	readonly finding: Finding;
	/** What was done about it. */
	readonly done: string | undefined;
}

const WIDTH = 12;

/** A line a finding, with what to type below those that want something, and a count at the end. */
export function showFindings(
	shown: readonly ShownFinding[],
	{ quiet }: GlobalOptions,
	style: Style,
): string {
	const marks = {
		ok: style.faint("ok     "),
		warning: style.hint("warning"),
		error: style.error("error  "),
	};
	const lines = shown
		.filter(({ finding }) => !quiet || finding.status !== "ok")
		.flatMap(({ finding: { check, status, text, hint }, done }) => [
			`${done === undefined ? marks[status] : style.name("fixed  ")}  ${check.padEnd(WIDTH)}${done ?? text}`,
			...(hint === undefined || done !== undefined
				? []
				: [`${" ".repeat(9 + WIDTH)}${style.hint(hint)}`]),
		]);
	const left = shown.filter(({ done }) => done === undefined);
	const count = (status: Finding["status"]) =>
		left.filter(({ finding }) => finding.status === status).length;
	const fixable = left.filter(
		({ finding }) => finding.fix !== undefined,
	).length;
	const verdict = `${showNumberOf(count("error"), "error")}, ${showNumberOf(count("warning"), "warning")}`;
	return [
		...lines,
		...(quiet ? [] : ["", verdict]),
		...(fixable > 0 && !quiet
			? [style.hint(`next: mlship doctor --fix mends ${fixable} of them`)]
			: []),
		"",
	].join("\n");
}
