import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("RESULTS.md", import.meta.url);

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
