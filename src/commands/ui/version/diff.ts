import type { Weight } from "../../../lib/release/diff/constants.js";
import type { VersionDiff } from "../../../lib/release/diff/diff.js";
import type {
	WeightChange,
	WeightChanges,
} from "../../../lib/release/diff/weights.js";
import { showShape } from "../../../lib/tensor/tensor.js";
import { type Cell, columns } from "../columns.js";
import { showCount, showNumberOf } from "../quantity.js";
import type { Style } from "../style.js";

/** So many weights are told by name; `--json` has all. */
const SHOWN = 20;

export function showDiff(
	title: string,
	{ signatures, ops, layers, weights }: VersionDiff,
	style: Style,
): string {
	const blocks = [
		section(
			"signatures",
			signatures.map(({ signature, told, isBreaking }) =>
				isBreaking
					? `${style.error("breaking")}  ${signature}: ${told}`
					: `${signature}: ${told}`,
			),
		),
		section(
			"operations",
			ops.map(({ op, from, to }) => `${op} ${from} → ${to}`),
		),
		section("layers", [
			...layers.removed.map((name) => `- ${name}`),
			...layers.added.map((name) => `+ ${name}`),
		]),
		weightSection(weights, style),
	];
	return [style.title(title), ...blocks, ""].join("\n");
}

function section(title: string, lines: readonly string[]): string {
	return lines.length === 0
		? `${title}: the same`
		: [title, ...lines.map((line) => `  ${line}`)].join("\n");
}

function weightSection(
	{ changed, same, removed, added }: WeightChanges,
	style: Style,
): string {
	const counts = [
		`${showCount(changed.length)} of ${showNumberOf(changed.length + same, "tensor")} changed`,
		...(removed.length > 0 ? [`${showCount(removed.length)} gone`] : []),
		...(added.length > 0 ? [`${showCount(added.length)} new`] : []),
	];
	const rows = [
		...changed.map(changeCells),
		...removed.map((weight) => lostCells("-", weight)),
		...added.map((weight) => lostCells("+", weight)),
	];
	const left = rows.length - SHOWN;
	return [
		`weights: ${counts.join(", ")}`,
		...columns(rows.slice(0, SHOWN), "  "),
		...(left > 0 ? [`  ${style.faint(`and ${left} more`)}`] : []),
	].join("\n");
}

function changeCells(change: WeightChange): Cell[] {
	const { name, shape, absolute, relative } = change;
	return [
		{ text: "~" },
		{ text: name },
		{ text: showShape(shape) },
		{ text: `by ${percent(relative)}`, align: "right" },
		{ text: `at most ${Number(absolute.toPrecision(3))}` },
	];
}

function lostCells(mark: string, { name, shape }: Weight): Cell[] {
	return [{ text: mark }, { text: name }, { text: showShape(shape) }];
}

function percent(part: number): string {
	return `${Number((part * 100).toPrecision(3))} %`;
}

export function diffJson(diff: VersionDiff): Record<string, unknown> {
	const { signatures, ops, layers, weights } = diff;
	const { changed, same, removed, added } = weights;
	const lost = ({ name, dtype, shape }: Weight) => ({ name, dtype, shape });
	return {
		compatible: !signatures.some(({ isBreaking }) => isBreaking),
		...{ signatures, ops, layers },
		weights: {
			...{ changed, same },
			removed: removed.map(lost),
			added: added.map(lost),
		},
	};
}
