import type { Check } from "../../../lib/release/verify.js";
import { type Cell, columns } from "../columns.js";
import type { Style } from "../style.js";

const MARKS = { good: "ok", bad: "FAILED", skipped: "-" } as const;

export function showChecks(
	title: string,
	checks: readonly Check[],
	style: Style,
	others: readonly (readonly Cell[])[] = [],
): string {
	const rows = checks.map(({ name, state, told }) => [
		{ text: MARKS[state], ...(state === "bad" && { style: style.error }) },
		{ text: name },
		{ text: told, style: state === "skipped" ? style.faint : String },
	]);
	return [style.title(title), ...columns([...rows, ...others], "  "), ""].join(
		"\n",
	);
}
