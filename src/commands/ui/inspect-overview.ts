import { DEFAULT_SIGNATURE } from "../../lib/savedmodel/signature.js";
import type {
	ModelSummary,
	PortSummary,
} from "../../lib/savedmodel/summary.js";
import { showShape } from "../../lib/tensor/tensor.js";
import { type Cell, columns } from "./columns.js";
import type { Inspected } from "./inspect.js";
import { showBytes } from "./quantity.js";
import type { Style } from "./style.js";

/** A line a model: what its usual signature takes and gives. */
export function showOverview(
	inspected: readonly Inspected[],
	style: Style,
): string {
	const titles = ["model", "versions", "takes", "gives", "weights"];
	const rows = inspected.map((model): Cell[] => {
		const head = [
			{ text: model.name, style: style.name },
			{ text: clip(model.versions.join(", ")) },
		];
		return model.summary === undefined
			? [...head, { text: `error: ${model.error?.code}`, style: style.error }]
			: [...head, ...factCells(model.summary)];
	});
	const table = columns([
		titles.map((text) => ({ text, style: style.title })),
		...rows,
	]);
	const failures = inspected
		.filter(({ error }) => error !== undefined)
		.map(({ error }) => `${style.error("error:")} ${error?.message}`);
	const good = inspected.find(({ summary }) => summary !== undefined);
	const blocks = [
		table.join("\n"),
		failures.join("\n"),
		good === undefined
			? ""
			: style.faint(`mlship inspect ${good.path} shows one, --all everything`),
	];
	return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function factCells({ metaGraphs }: ModelSummary): Cell[] {
	const { signatures, weights } =
		metaGraphs.find(({ tags }) => tags.join() === "serve") ?? metaGraphs[0];
	const usual =
		signatures.find(({ key }) => key === DEFAULT_SIGNATURE) ?? signatures[0];
	const others =
		signatures.length > 1 ? ` (1 of ${signatures.length} signatures)` : "";
	const bytes = weights.reduce((sum, weight) => sum + weight.byteLength, 0);
	return [
		{ text: usual === undefined ? "no signature" : ports(usual.inputs) },
		{ text: usual === undefined ? "" : ports(usual.outputs) + others },
		{ text: showBytes(bytes) },
	];
}

/** The first, and how many more. */
function ports(all: readonly PortSummary[]): string {
	if (all.length === 0) return "nothing";
	const [{ name, dtype, shape }] = all;
	const first = `${name} ${dtype}${shape === undefined ? "" : ` ${showShape(shape)}`}`;
	return all.length === 1 ? first : `${first} and ${all.length - 1} more`;
}

const MAX_VERSIONS = 16;

function clip(text: string): string {
	return text.length > MAX_VERSIONS
		? `… ${text.slice(text.indexOf(",", text.length - MAX_VERSIONS) + 2)}`
		: text;
}
