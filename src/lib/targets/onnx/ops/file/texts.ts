import { expressions } from "../../expression.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** Text and how many characters it has (int64), element by element: ONNX cannot count them. */
export interface Text {
	readonly text: OnnxValue;
	readonly length: OnnxValue;
}

/** Text of whole numbers in ONNX nodes. Numbers are int64. */
export interface Texts {
	constant(text: string): Text;
	join(...parts: readonly Text[]): Text;
	choose(condition: OnnxValue, yes: Text, no: Text): Text;
	/** A character so many times, none for a negative number, at most `most`. */
	repeated(character: string, count: OnnxValue, most: number): Text;
	/** The digits of a number that is not negative. */
	digits(number: OnnxValue): Text;
	/** With zeros before them, as many as `count` has more; it is at most 18. */
	padded(number: OnnxValue, count: OnnxValue): Text;
	/** 10 to this power, from 0 to 18. */
	power(exponent: OnnxValue): OnnxValue;
	/** How many of 10, 100, … up to 10^18 a test holds of. */
	countPowers(number: OnnxValue, test: PowerTest): OnnxValue;
}

/** Is given a number with a new last axis, and a vector of powers. */
export type PowerTest = (number: OnnxValue, powers: OnnxValue) => OnnxValue;

/** int64 holds no larger power of 10. */
const MOST = 18;

export function texts(context: LowerContext): Texts {
	const { emit, cast, ints, scalar, initializer } = context;
	const { sub, max, min } = expressions(context);
	const strings = (values: readonly string[], shape: readonly number[]) =>
		initializer({
			dtype: "string",
			shape,
			data: values.map((value) => new TextEncoder().encode(value)),
		});
	const chosen = (table: OnnxValue, index: OnnxValue, most: number) =>
		emit("Gather", [table, min(max(index, 0), most)]);
	const powersFrom = (first: number) =>
		initializer({
			dtype: "int64",
			shape: [MOST + 1 - first],
			data: BigInt64Array.from(
				{ length: MOST + 1 - first },
				(_, i) => 10n ** BigInt(i + first),
			),
		});
	const join = (...parts: readonly Text[]): Text =>
		parts.reduce((a, b) => ({
			text: emit("StringConcat", [a.text, b.text]),
			length: emit("Add", [a.length, b.length]),
		}));
	const repeated = (character: string, count: OnnxValue, most: number) => {
		const all = Array.from({ length: most + 1 }, (_, i) => character.repeat(i));
		return {
			text: chosen(strings(all, [most + 1]), count, most),
			length: min(max(count, 0), most),
		};
	};
	const countPowers = (number: OnnxValue, test: PowerTest) => {
		const column = emit("Unsqueeze", [number, ints([-1])]);
		const holds = cast(test(column, powersFrom(1)), "int64");
		return emit("ReduceSum", [holds, ints([-1])], { keepdims: 0 });
	};
	const digits = (number: OnnxValue): Text => {
		const more = countPowers(number, (value, powers) =>
			emit("GreaterOrEqual", [value, powers], {}, { dtype: "bool" }),
		);
		return {
			text: cast(number, "string"),
			length: emit("Add", [more, scalar("int64", 1)]),
		};
	};
	return {
		join,
		repeated,
		countPowers,
		digits,
		constant: (text) => ({
			text: strings([text], []),
			length: scalar("int64", text.length),
		}),
		choose: (condition, yes, no) => ({
			text: emit("Where", [condition, yes.text, no.text]),
			length: emit("Where", [condition, yes.length, no.length]),
		}),
		padded: (number, count) => {
			const shown = digits(number);
			return join(repeated("0", sub(count, shown.length), MOST), shown);
		},
		power: (exponent) => chosen(powersFrom(0), exponent, MOST),
	};
}
