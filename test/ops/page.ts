import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "../cases.js";
import { operationOf, VECTORS } from "./family.js";
import { type MatrixRow, matrixRows } from "./matrix.js";
import type { NotYet, TargetsNotYet } from "./not-yet.js";
import { CONVERTERS } from "./targets.js";

/** The cases of each family, by its name. */
export type VectorCases = ReadonlyMap<string, readonly Case[]>;

/** The text of OPS.md. */
export function opsPage(
	cases: VectorCases,
	notYet: NotYet,
	targets: TargetsNotYet,
): string {
	const known = JSON.parse(
		readFileSync(join(VECTORS, "known.json"), "utf8"),
	) as Readonly<Record<string, readonly string[]>>;
	const rows = matrixRows(known);
	return `${[
		"# Operations",
		...intro(rows),
		"## How many answer",
		...shares(cases, notYet, (operation) => operation in known),
		"## Vectors that fail",
		...failures(notYet),
		"## What converts",
		...conversions(cases, targets, known),
		"## The matrix",
		LEGEND,
		table(
			["operation", "onnx", "host", "web", "known to"],
			rows.map(({ name, onnx, host, web }) => [
				`\`${name}\``,
				onnx,
				host,
				web,
				(known[name] ?? []).join(", "),
			]),
		),
	].join("\n\n")}\n`;
}

type Known = Readonly<Record<string, readonly string[]>>;

/** Of each target the vectors that its own converter might know, and what is in the way of the others. */
function conversions(
	cases: VectorCases,
	targets: TargetsNotYet,
	known: Known,
): string[] {
	const names = Object.keys(targets);
	const isFor = (target: string) => (item: Case) =>
		known[operationOf(item.signature)]?.includes(CONVERTERS[target]) ?? false;
	const shareOf = (target: string, families: VectorCases) =>
		showShare(
			[...families]
				.map(([family, all]) =>
					tally(family, all.filter(isFor(target)), targets[target]),
				)
				.reduce((sum, { passed, count }) => ({
					passed: sum.passed + passed,
					count: sum.count + count,
				})),
		);
	const rows = [...cases].map(([family, all]) => [
		family,
		...names.map((target) => shareOf(target, new Map([[family, all]]))),
	]);
	return [
		`The same cases, asked of what \`mlship convert\` writes, in the runtime that it is for: of operations that the target's usual converter knows (${names.map((target) => `${target}: ${CONVERTERS[target]}`).join(", ")}).`,
		table(
			["family", ...names],
			[...rows, ["**all**", ...names.map((name) => shareOf(name, cases))]],
		),
		"What is in the way, with how many of those signatures:",
		table(
			["target", "reason", "signatures", "as"],
			names.flatMap((target) => holes(target, cases, targets, isFor(target))),
		),
	];
}

/** The most frequent reason first. */
function holes(
	target: string,
	cases: VectorCases,
	targets: TargetsNotYet,
	isWanted: (item: Case) => boolean,
): string[][] {
	const found = new Map<string, string[]>();
	for (const [family, all] of cases)
		for (const signature of new Set(
			all.filter(isWanted).map((item) => item.signature),
		)) {
			const reason = targets[target][family]?.[signature];
			if (reason === undefined) continue;
			const key = generally(reason);
			found.set(key, [...(found.get(key) ?? []), signature]);
		}
	return [...found]
		.sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1))
		.map(([reason, signatures]) => [
			target,
			reason,
			String(signatures.length),
			`\`${signatures[0]}\``,
		]);
}

/** One reason for all signatures that differ by a number or a name; the first obstacle of several. */
function generally(reason: string): string {
	const [, op, why] = /^no (\w+) \((.*?)\)(?:, \w+ \(|$)/.exec(reason) ?? [];
	const lacks = why !== undefined && /has no such operation/.test(why);
	return (lacks ? `${op}: ${why}` : (why ?? reason))
		.replace(/\|/g, "/")
		.replace(/ \(node,? ?\w*\)?$/, "")
		.replace(/-?\d[\d,.]*/g, "N")
		.replace(/"[^"]*"/g, "…")
		.slice(0, 120);
}

function intro(rows: readonly MatrixRow[]): string[] {
	const runs = rows.filter(({ runs }) => runs).length;
	return [
		"Written by `npm run ops`; a test fails when it is out of date.",
		`mlship runs ${runs} of TensorFlow's operations, ${rows.length - runs} more are known to tf2onnx, tensorflowjs_converter or TFLiteConverter. What is not run is refused when a model is loaded, all of it at once; \`mlship inspect --engines\` asks without loading.`,
	];
}

const LEGEND = `✓ runs there, within the element types and shapes that the target has; \`parts\`: it is written as other operations of this table before anything runs; \`graph\`: it is gone once the graph is read (calls, variables, loops of TensorFlow 1). *onnx* is what ONNX Runtime computes, *host* what mlship's own kernels compute between its regions (engine \`onnx\` uses both), *web* what is written for TensorFlow.js (engine \`tfjs\`).`;

function shares(
	cases: VectorCases,
	notYet: NotYet,
	isKnown: (operation: string) => boolean,
): string[] {
	const tallies = [...cases].map(([family, all]) => ({
		family,
		all: tally(family, all, notYet),
		known: tally(
			family,
			all.filter(({ signature }) => isKnown(operationOf(signature))),
			notYet,
		),
	}));
	const total = (key: "all" | "known") =>
		tallies.reduce(
			(sum, row) => ({
				passed: sum.passed + row[key].passed,
				count: sum.count + row[key].count,
			}),
			{ passed: 0, count: 0 },
		);
	return [
		"Cases that TensorFlow answered (fixtures/ops) and engine `onnx` answers alike. A signature that fails one case counts as failing all of its cases.",
		table(
			["family", "cases", "of operations that a converter knows"],
			[
				...tallies.map(({ family, all, known }) => [
					family,
					showShare(all),
					showShare(known),
				]),
				["**all**", showShare(total("all")), showShare(total("known"))],
			],
		),
	];
}

interface Tally {
	readonly passed: number;
	readonly count: number;
}

function tally(family: string, cases: readonly Case[], notYet: NotYet): Tally {
	const failing = notYet[family] ?? {};
	return {
		passed: cases.filter(({ signature }) => !(signature in failing)).length,
		count: cases.length,
	};
}

/** Rounded down: 100 % is all of them. */
function showShare({ passed, count }: Tally): string {
	return count === 0
		? ""
		: `${passed} of ${count}, ${Math.floor((passed / count) * 1000) / 10} %`;
}

function failures(notYet: NotYet): string[] {
	const rows = Object.entries(notYet).flatMap(([family, failing]) =>
		Object.entries(failing).map(([name, reason]) => [
			family,
			`\`${name}\``,
			reason,
		]),
	);
	return rows.length === 0
		? ["None."]
		: [table(["family", "vector", "reason"], rows)];
}

function table(
	titles: readonly string[],
	rows: readonly (readonly string[])[],
): string {
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
	return [
		line(titles),
		line(titles.map(() => "---")),
		...rows.map((row) => line(row)),
	].join("\n");
}
