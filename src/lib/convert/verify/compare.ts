import { numbersOf } from "../../tensor/convert.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { showShape, type Tensor } from "../../tensor/tensor.js";

/** How far an output of a result is from its source's. */
export interface OutputError {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: readonly number[];
	/** The largest difference. */
	readonly absolute: number;
	/** The same in parts of the largest number of the output. */
	readonly relative: number;
	/** Elements that are not the same at all, where they are no floating point numbers. */
	readonly different: number;
	readonly isClose: boolean;
	/** What is wrong, where it is not close: `is off by 0.3 of its largest number`. */
	readonly reason?: string;
}

/** Floating point numbers may be `tolerance` of the largest one apart; everything else has to be the same. */
export function compareOutput(
	name: string,
	actual: Tensor,
	expected: Tensor,
	tolerance: number,
): OutputError {
	const { dtype, shape } = expected;
	const head = { name, dtype, shape, absolute: 0, relative: 0, different: 0 };
	if (actual.shape.join() !== shape.join())
		return {
			...head,
			isClose: false,
			reason: `has shape ${showShape(actual.shape)}, the source gives ${showShape(shape)}`,
		};
	const { kind } = DTYPES[dtype];
	if (kind === "float" || kind === "half" || kind === "complex")
		return {
			...head,
			...compareFloats(numbersOf(actual), numbersOf(expected), tolerance),
		};
	const different = countDifferent(actual, expected);
	return {
		...head,
		different,
		isClose: different === 0,
		...(different === 0
			? {}
			: {
					reason: `differs in ${different} of ${expected.data.length} elements`,
				}),
	};
}

/** Outputs of several runs, each as it is where it is worst. */
export function worst(
	runs: readonly (readonly OutputError[])[],
): readonly OutputError[] {
	const [first = [], ...others] = runs;
	return first.map((output, i) =>
		others.reduce((one, run) => {
			const other = run[i];
			const isWorse =
				one.isClose === other.isClose
					? other.relative > one.relative || other.different > one.different
					: one.isClose;
			return isWorse ? other : one;
		}, output),
	);
}

type Numbers = ArrayLike<number | bigint>;

function compareFloats(
	actual: Numbers,
	expected: Numbers,
	tolerance: number,
): Pick<OutputError, "absolute" | "relative" | "isClose" | "reason"> {
	let [absolute, largest, unlike] = [0, 0, 0];
	for (let i = 0; i < expected.length; i++) {
		const [a, b] = [Number(actual[i]), Number(expected[i])];
		if (!Number.isFinite(b) || !Number.isFinite(a)) {
			if (!Object.is(a, b)) unlike++;
			continue;
		}
		absolute = Math.max(absolute, Math.abs(a - b));
		largest = Math.max(largest, Math.abs(b));
	}
	const relative = absolute === 0 ? 0 : absolute / Math.max(largest, TINY);
	if (unlike > 0)
		return {
			absolute,
			relative,
			isClose: false,
			reason: `differs in ${unlike} elements that are infinite or no numbers`,
		};
	return relative <= tolerance
		? { absolute, relative, isClose: true }
		: {
				absolute,
				relative,
				isClose: false,
				reason: `is off by ${Number(relative.toPrecision(2))} of its largest number`,
			};
}

/** Outputs that are all but zero are not compared by their noise. */
const TINY = 1e-6;

function countDifferent(actual: Tensor, expected: Tensor): number {
	let count = 0;
	for (const [i, value] of expected.data.entries()) {
		const other = actual.data[i];
		const isSame =
			value instanceof Uint8Array && other instanceof Uint8Array
				? Buffer.compare(value, other) === 0
				: value === other;
		if (!isSame) count++;
	}
	return count;
}
