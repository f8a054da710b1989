/** A line of Prometheus' text format. */
export interface Sample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

/** Reads a page (prometheus.io, "Text-based format"); fails at a line that is none. */
export function samplesOf(page: string): Sample[] {
	if (!page.endsWith("\n")) throw new Error("the last line has no end");
	return page
		.slice(0, -1)
		.split("\n")
		.filter((line) => !COMMENT.test(line))
		.map((line) => {
			const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
			if (name === undefined) throw new Error(`no sample: ${line}`);
			const pairs = [...labels.matchAll(LABEL)].map(
				([, label, text]) => [label, unescaped(text)] as const,
			);
			return { name, labels: Object.fromEntries(pairs), value: Number(value) };
		});
}

/** The value of the one sample with these labels, of a histogram without `le`; undefined where there is none. */
export function valueIn(
	page: string,
	name: string,
	labels: Sample["labels"] = {},
): number | undefined {
	const found = samplesOf(page).filter(
		(sample) =>
			sample.name === name &&
			Object.entries(labels).every(
				([key, text]) => sample.labels[key] === text,
			),
	);
	if (found.length > 1)
		throw new Error(`${found.length} samples of ${name} have these labels`);
	return found[0]?.value;
}

const COMMENT =
	/^# (HELP [a-zA-Z_:][\w:]* .+|TYPE [a-zA-Z_:][\w:]* (counter|gauge|histogram))$/;
const SAMPLE =
	/^([a-zA-Z_:][\w:]*)\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\[\\"n])*",?)*)\} (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\"n])*)"/g;

function unescaped(text: string): string {
	return text.replace(/\\(.)/g, (_, character: string) =>
		character === "n" ? "\n" : character,
	);
}
