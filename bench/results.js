import { readFileSync, writeFileSync } from "node:fs";
import { COLUMNS } from "./table.js";

const FILE = new URL("RESULTS.md", import.meta.url);

/**
 * The rows of the table with those of measured sections in place of older ones, in the order of `names`: a section that was
 * not measured this time stays as it was.
 */
export function withSavedRows(rows, names) {
	const measured = new Set(rows.map(({ section }) => section));
	const kept = savedRows().filter(({ section }) => !measured.has(section));
	return names.flatMap((name) =>
		[...kept, ...rows].filter(({ section }) => section === name),
	);
}

function savedRows() {
	const lines = (readSections().get("") ?? "").split("\n");
	const cells = lines
		.filter((line) => line.startsWith("|"))
		.map((line) =>
			line
				.slice(1, -1)
				.split("|")
				.map((cell) => cell.trim()),
		);
	// the first two are the head and the rule below it
	return cells
		.slice(2)
		.map((values) =>
			Object.fromEntries(COLUMNS.map((key, i) => [key, values[i]])),
		);
}

/** Writes what stands before the sections of RESULTS.md, which stay as they are. Returns the file's path. */
export function saveMeasurements(text) {
	const sections = readSections();
	sections.set("", text);
	return write(sections);
}

/** Writes one section, in its place or behind the others; all else stays as it is. */
export function saveSection(title, text) {
	const sections = readSections();
	sections.set(title, `## ${title}\n\n${text}`);
	return write(sections);
}

/** Texts by their titles; what stands before the first section has none. */
function readSections() {
	const parts = readFileSync(FILE, "utf8").split(/^(?=## )/m);
	return new Map(
		parts.map((part) => [/^## (.*)/.exec(part)?.[1] ?? "", part.trimEnd()]),
	);
}

function write(sections) {
	const parts = [...sections.values()].map((text) => text.trimEnd());
	writeFileSync(FILE, `${parts.join("\n\n")}\n`);
	return FILE.pathname;
}
