import { availableParallelism, cpus, release, totalmem, type } from "node:os";

/**
 * A row of the table. `figure` is what was measured in words; `ratio` how many times better than the peer (or the
 * figure itself where there is no peer); a `goal` is the least ratio, or with `atMost` the most.
 */
export function row(
	section,
	what,
	{ figure, ratio, goal, atMost, unit = "×" },
) {
	const limit = atMost ?? goal;
	return {
		section,
		what,
		figure,
		ratio: ratio === undefined ? "" : `${round(ratio)}${unit}`,
		goal:
			limit === undefined
				? ""
				: `${atMost === undefined ? "≥" : "≤"} ${limit}${unit}`,
		met:
			limit === undefined ? "" : isMet(ratio, { goal, atMost }) ? "yes" : "NO",
	};
}

function isMet(ratio, { goal, atMost }) {
	return atMost === undefined ? ratio >= goal : ratio <= atMost;
}

/** A row that could not be measured here. */
export function skipped(section, what, reason) {
	return {
		section,
		what,
		figure: `skipped: ${reason}`,
		ratio: "",
		goal: "",
		met: "",
	};
}

/** Three digits are all that a measurement has. */
export function round(value) {
	return Number(value.toPrecision(3)).toString();
}

export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1
		? sorted[middle]
		: (sorted[middle - 1] + sorted[middle]) / 2;
}

export const COLUMNS = ["section", "what", "figure", "ratio", "goal", "met"];

export function renderTable(rows) {
	return renderColumns(COLUMNS, rows);
}

/** A Markdown table of rows of texts. */
export function renderColumns(columns, rows) {
	const cells = [
		columns,
		...rows.map((line) => columns.map((key) => line[key])),
	];
	const widths = columns.map((_, i) =>
		Math.max(...cells.map((line) => line[i].length)),
	);
	const lines = cells.map(
		(line) =>
			`| ${line.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`,
	);
	const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
	return [lines[0], rule, ...lines.slice(1)].join("\n");
}

export function renderReport(rows) {
	return `# Measurements

Made by \`npm run bench -- --save\` on ${new Date().toISOString().slice(0, 10)}; every ratio comes from one run on one machine, the subjects in turn, medians of rounds.

Machine: ${machine()}

${renderTable(rows)}
`;
}

export function machine() {
	const memory = `${Math.round(totalmem() / 2 ** 30)} GB of memory`;
	return `${availableParallelism()} cores of ${cpus()[0]?.model ?? "an unknown processor"}, ${memory}, ${type()} ${release()}, Node ${process.versions.node}.`;
}
