import { fail } from "../../errors.js";
import { type Shape, showShape } from "../../tensor/tensor.js";
import { broadcast } from "../shapes.js";

/** An equation with a label for each axis; the axes that an ellipsis stands for are `.1`, `.2` … counted from its end. */
export interface Einsum {
	readonly operands: readonly (readonly string[])[];
	readonly output: readonly string[];
}

/**
 * Reads an equation for operands of these ranks, `undefined` if an ellipsis stands for an unknown number of axes. Without
 * `->` the result has the labels that occur once, in alphabetical order, as numpy's einsum.
 */
export function parseEinsum(
	equation: string,
	shapes: readonly Shape[],
): Einsum | undefined {
	const [left, right] = equation.replaceAll(" ", "").split("->");
	const terms = left.split(",");
	if (terms.length !== shapes.length)
		throw fail(
			"INVALID",
			`cannot read einsum equation "${equation}": it has ${terms.length} operands, ${shapes.length} were given`,
		);
	const operands: string[][] = [];
	for (const [i, term] of terms.entries()) {
		const labels = labelsOf(equation, term, shapes[i]);
		if (labels === undefined) return undefined;
		operands.push(labels);
	}
	const dots = Math.max(
		0,
		...operands.map((labels) => labels.filter(isEllipsis).length),
	);
	const output = expand(right ?? implicitOutput(terms), dots);
	return { operands, output };
}

/** The sizes of all labels, -1 where unknown. Fails with INVALID where operands disagree; only ellipsis axes broadcast. */
export function labelSizes(
	{ operands }: Einsum,
	shapes: readonly Shape[],
): ReadonlyMap<string, number> {
	const sizes = new Map<string, number>();
	for (const [i, labels] of operands.entries())
		for (const [axis, label] of labels.entries())
			sizes.set(
				label,
				agreed(label, sizes.get(label), shapes[i]?.[axis] ?? -1),
			);
	return sizes;
}

/** The shape of the result. */
export function einsumShape(equation: string, shapes: readonly Shape[]): Shape {
	const einsum = parseEinsum(equation, shapes);
	if (einsum === undefined) return undefined;
	const sizes = labelSizes(einsum, shapes);
	return einsum.output.map((label) => {
		const size = sizes.get(label);
		if (size === undefined)
			throw fail(
				"INVALID",
				`cannot read einsum equation "${equation}": label "${label}" of the result is in no operand`,
			);
		return size;
	});
}

function isEllipsis(label: string): boolean {
	return label.startsWith(".");
}

function labelsOf(
	equation: string,
	term: string,
	shape: Shape,
): string[] | undefined {
	const letters = term.replace("...", "").length;
	if (shape === undefined && term.includes("...")) return undefined;
	const dots = shape === undefined ? 0 : shape.length - letters;
	if (dots < 0 || (dots > 0 && !term.includes("...")))
		throw fail(
			"INVALID",
			`cannot read einsum equation "${equation}": "${term}" has ${letters} labels, its operand has shape ${showShape(shape)}`,
		);
	return expand(term, dots);
}

function expand(term: string, dots: number): string[] {
	const [before, behind] = term.split("...");
	if (behind === undefined) return [...before];
	const middle = Array.from({ length: dots }, (_, i) => `.${dots - i}`);
	return [...before, ...middle, ...behind];
}

function implicitOutput(terms: readonly string[]): string {
	const letters = [...terms.join("").replaceAll(".", "")];
	const once = letters.filter(
		(letter) => letters.indexOf(letter) === letters.lastIndexOf(letter),
	);
	const dots = terms.some((term) => term.includes("...")) ? "..." : "";
	return dots + once.sort().join("");
}

function agreed(
	label: string,
	known: number | undefined,
	size: number,
): number {
	if (known === undefined) return size;
	if (isEllipsis(label)) return broadcast([known], [size])?.[0] ?? -1;
	if (known < 0) return size;
	if (size >= 0 && size !== known)
		throw fail(
			"INVALID",
			`cannot compute an einsum: label "${label}" is ${known} in one operand and ${size} in another`,
		);
	return known;
}
