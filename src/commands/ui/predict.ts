import { showShape, type Tensor } from "../../lib/tensor/tensor.js";
import { type Cell, columns } from "./columns.js";
import type { Style } from "./style.js";
import { showTensor } from "./tensor.js";

export interface ShownOutput {
	readonly name: string;
	readonly tensor: Tensor;
	/** For scores of classes. */
	readonly classes?: ShownClasses;
}

export interface ShownClasses {
	readonly areProbabilities: boolean;
	readonly rows: readonly {
		readonly name: string | undefined;
		readonly ranked: readonly ShownClass[];
	}[];
}

export interface ShownClass {
	readonly label: string;
	readonly score: number;
}

/** Each output: its best classes, a line a row, or its elements. */
export function showOutputs(
	outputs: readonly ShownOutput[],
	style: Style,
): string {
	return outputs
		.map((output) => {
			const { name, tensor, classes } = output;
			const head = `${style.title(name)}  ${style.faint(`${tensor.dtype} ${showShape(tensor.shape)}`)}`;
			const body =
				classes === undefined
					? showTensor(tensor)
					: showClasses(classes, style);
			return `${head}\n${body.map((line) => `  ${line}\n`).join("")}`;
		})
		.join("\n");
}

function showClasses(
	{ areProbabilities, rows }: ShownClasses,
	style: Style,
): string[] {
	return columns(
		rows.map(({ name, ranked }, row): Cell[] => [
			{ text: name ?? String(row), style: style.faint },
			...ranked.flatMap(({ label, score }, place): Cell[] => [
				{ text: label, ...(place === 0 ? { style: style.name } : {}) },
				{
					text: areProbabilities ? showShare(score) : showScore(score),
					align: "right",
					...(place === 0 ? {} : { style: style.faint }),
				},
			]),
		]),
	);
}

function showShare(score: number): string {
	return `${(100 * score).toFixed(1)}%`;
}

function showScore(score: number): string {
	return String(Number(score.toPrecision(5)));
}
