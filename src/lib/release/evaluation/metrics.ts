import { fail } from "../../errors.js";
import { numbersOf } from "../../tensor/convert.js";
import { DTYPES } from "../../tensor/dtype.js";
import { showShape, type Tensor } from "../../tensor/tensor.js";

/** A number that tells how good answers are. */
export interface Metric {
	readonly better: "higher" | "lower";
	/** Fails with INVALID where answers and labels do not fit. */
	measure(answers: Tensor, labels: Tensor): number;
}

/** THE table of metrics. */
export const METRICS: Readonly<Record<string, Metric>> = {
	/** The part of rows whose class is the label; of one number a row the class is whether it is above 0.5. */
	accuracy: { better: "higher", measure: (a, b) => hitRate(a, b, 1) },
	/** The part of rows whose label is among the five best classes. */
	"top-5": { better: "higher", measure: (a, b) => hitRate(a, b, 5) },
	/** The mean distance of numbers. */
	mae: { better: "lower", measure: (a, b) => mean(a, b, Math.abs) },
	/** The root of the mean square of distances. */
	rmse: {
		better: "lower",
		measure: (a, b) => Math.sqrt(mean(a, b, (gap) => gap * gap)),
	},
};

function hitRate(answers: Tensor, labels: Tensor, count: number): number {
	const rows = labels.shape[0];
	if (answers.shape[0] !== rows) throw unlike(answers, labels);
	const hits =
		answers.dtype === "string"
			? textHits(answers, labels)
			: classHits(answers, labels, count);
	return hits / rows;
}

function textHits({ data, shape }: Tensor, labels: Tensor): number {
	const wanted = textsOf(labels);
	const given = data as readonly Uint8Array[];
	// an output of names has one a row
	if (given.length !== wanted.length || shape.length > 2)
		throw fail(
			"INVALID",
			`cannot measure: ${given.length} names answer ${wanted.length} labels`,
		);
	return wanted.filter((text, i) => Buffer.from(given[i]).toString() === text)
		.length;
}

function textsOf(labels: Tensor): string[] {
	return labels.dtype === "string"
		? (labels.data as readonly Uint8Array[]).map((text) =>
				Buffer.from(text).toString(),
			)
		: Array.from(numbersOf(labels) as ArrayLike<number | bigint>, String);
}

function classHits(answers: Tensor, labels: Tensor, count: number): number {
	const rows = labels.shape[0];
	const wanted = classesOf(labels);
	const values = numbersOf(answers);
	const width = values.length / rows;
	const { kind } = DTYPES[answers.dtype];
	const isClass = width === 1 && kind !== "float" && kind !== "half";
	let hits = 0;
	for (let row = 0; row < rows; row++) {
		const score = (at: number) => Number(values[row * width + at]);
		const label = wanted[row];
		const isHit = isClass
			? score(0) === label
			: width === 1
				? Number(score(0) > 0.5) === label
				: isAmongBest(score, width, label, count);
		if (isHit) hits++;
	}
	return hits;
}

/** Of equal scores the first class counts, as argmax has it; a score that is no number is never good. */
function isAmongBest(
	score: (at: number) => number,
	width: number,
	label: number,
	count: number,
): boolean {
	if (!Number.isInteger(label) || label < 0 || label >= width)
		throw fail(
			"INVALID",
			`cannot measure: label ${label} is none of ${width} classes`,
		);
	const own = score(label);
	if (Number.isNaN(own)) return false;
	let better = 0;
	for (let at = 0; at < width; at++)
		if (score(at) > own || (score(at) === own && at < label)) better++;
	return better < count;
}

/** Numbers of classes, or the place of the one in rows of zeros. */
function classesOf(labels: Tensor): number[] {
	if (labels.dtype === "string")
		throw fail(
			"INVALID",
			"cannot measure: labels are texts, the output gives scores; numbers of classes are wanted",
		);
	const values = Array.from(
		numbersOf(labels) as ArrayLike<number | bigint>,
		Number,
	);
	const rows = labels.shape[0];
	const width = values.length / rows;
	if (width === 1) return values;
	return Array.from({ length: rows }, (_, row) => {
		const scores = values.slice(row * width, (row + 1) * width);
		return scores.indexOf(Math.max(...scores));
	});
}

function mean(
	answers: Tensor,
	labels: Tensor,
	cost: (gap: number) => number,
): number {
	if (answers.dtype === "string" || labels.dtype === "string")
		throw fail("INVALID", "cannot measure the distance of texts");
	const [a, b] = [numbersOf(answers), numbersOf(labels)];
	if (a.length !== b.length || a.length === 0) throw unlike(answers, labels);
	let sum = 0;
	for (let i = 0; i < a.length; i++) sum += cost(Number(a[i]) - Number(b[i]));
	return sum / a.length;
}

function unlike(answers: Tensor, labels: Tensor) {
	return fail(
		"INVALID",
		`cannot measure: answers of shape ${showShape(answers.shape)} do not fit labels of shape ${showShape(labels.shape)}`,
	);
}
