import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
	BATCH_METRICS,
	type MetricRow,
	OWN_METRICS,
	PROCESS_METRICS,
	REQUEST_METRICS,
	UPSTREAM_METRICS,
} from "../src/lib/serving/metrics/table.js";

const PAGE = readFileSync("docs/observability.md", "utf8");
const ROWS: readonly MetricRow[] = [
	REQUEST_METRICS,
	BATCH_METRICS,
	UPSTREAM_METRICS,
	OWN_METRICS,
	PROCESS_METRICS,
].flatMap((table) => Object.values(table));

test("docs/observability.md has the tables of metrics, row by row", () => {
	const wanted = ROWS.map(
		({ name, type, labels, about }) =>
			`| \`${name}\` | ${type} | ${labels.join(", ")} | ${about} |`,
	);
	expect(wanted.filter((row) => !PAGE.includes(`\n${row}\n`))).toEqual([]);
});

test("docs/observability.md has no metric that there is not", () => {
	const named = [...PAGE.matchAll(/^\| `([\w:]+)` \| [a-z]+ \|/gm)];
	const names = new Set(ROWS.map(({ name }) => name));
	expect(named.length).toBe(names.size);
	expect(named.filter(([, name]) => !names.has(name))).toEqual([]);
});

test("what docs/observability.md asks Prometheus for is there", () => {
	const known = new Set(
		ROWS.flatMap(({ name, type }) =>
			type === "histogram"
				? ["_bucket", "_sum", "_count"].map((end) => name + end)
				: [name],
		),
	);
	const [, queries = ""] = /```promql\n([\s\S]*?)```/.exec(PAGE) ?? [];
	const asked = queries.match(
		/(?<![\w:])(mlship_|:tensorflow:|process_)[\w:]+/g,
	);
	expect(asked).not.toBeNull();
	expect(asked?.filter((name) => !known.has(name))).toEqual([]);
});
