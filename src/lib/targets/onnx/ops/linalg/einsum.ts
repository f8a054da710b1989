import { stringAttr } from "../../../../graph/attrs.js";
import {
	type Einsum,
	labelSizes,
	parseEinsum,
} from "../../../../ops/linalg/einsum.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { refusedIfEmpty } from "../../never-empty.js";
import { type Labelled, LabelledTensors } from "./labelled-tensors.js";

/**
 * An equation as matrix products and what brings operands into their form: many times faster than ONNX Runtime's own
 * Einsum, which remains for an ellipsis that stands for an unknown number of axes.
 */
export function einsum(context: LowerContext): OnnxValue {
	const equation = stringAttr(context.node, "equation");
	const shapes = context.inputs.map(({ shape }) => shape);
	const parsed = parseEinsum(equation, shapes);
	if (parsed === undefined)
		return context.emit(
			"Einsum",
			shapes.map((_, index) => refusedIfEmpty(context, context.input(index))),
			{ equation },
		);
	const tensors = new LabelledTensors(context, labelSizes(parsed, shapes));
	const { operands, output } = parsed;
	const result = operands
		.map((labels, index) => tensors.operand(index, labels))
		.map((operand, index) =>
			tensors.summed(operand, needed(parsed, operand, index)),
		)
		.reduce((left, right, index) =>
			contracted(tensors, left, right, laterLabels(parsed, index)),
		);
	return tensors.finished(result, output);
}

/** Labels of an operand that somebody else has: the others are summed at once. */
function needed(
	{ operands, output }: Einsum,
	{ labels }: Labelled,
	index: number,
): string[] {
	const others = operands.filter((_, other) => other !== index).flat();
	return labels.filter(
		(label) => output.includes(label) || others.includes(label),
	);
}

/** Labels that operands behind `index`, or the result, have; in the result's order, as far as it has them. */
function laterLabels({ operands, output }: Einsum, index: number): string[] {
	return [...new Set([...output, ...operands.slice(index + 1).flat()])];
}

/** Two operands in one: summed over what they share and nobody wants later. */
function contracted(
	tensors: LabelledTensors,
	left: Labelled,
	right: Labelled,
	wanted: readonly string[],
): Labelled {
	const shared = left.labels.filter((label) => right.labels.includes(label));
	const summed = shared.filter((label) => !wanted.includes(label));
	if (summed.length === 0)
		return tensors.product(
			left,
			right,
			wanted.filter(
				(label) => left.labels.includes(label) || right.labels.includes(label),
			),
		);
	const batch = wanted.filter((label) => shared.includes(label));
	const own = ({ labels }: Labelled) =>
		wanted.filter((label) => labels.includes(label) && !batch.includes(label));
	// the operand whose own labels come first in the result comes first in the product
	const swap = firstIndex(wanted, own(right)) < firstIndex(wanted, own(left));
	const [first, second] = swap ? [right, left] : [left, right];
	return tensors.matrixProduct(first, second, {
		batch,
		rows: own(first),
		columns: own(second),
		summed: second.labels.filter((label) => summed.includes(label)),
	});
}

function firstIndex(
	order: readonly string[],
	labels: readonly string[],
): number {
	return labels.length === 0 ? order.length : order.indexOf(labels[0]);
}
