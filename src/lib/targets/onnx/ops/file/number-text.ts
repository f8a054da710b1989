import { fail } from "../../../../errors.js";
import { boolAttr, intAttr, stringAttr } from "../../../../graph/attrs.js";
import { DTYPES } from "../../../../tensor/dtype.js";
import { expressions } from "../../expression.js";
import type { LowerContext, Lowering, OnnxValue } from "../../lowering.js";
import { decimals, MOST_DIGITS } from "./decimals.js";
import { type Text, texts } from "./texts.js";

/** Numbers as C's printf prints them in the format that the attributes make (as_string_op.cc). */
export const asString: Lowering = (context) => {
	const { node, inputs, input, emit } = context;
	const { dtype } = inputs[0];
	const { kind } = DTYPES[dtype];
	const width = intAttr(node, "width");
	const isPlain = width <= 0 && !/[+ ]/.test(stringAttr(node, "fill"));
	if (kind === "string" && width <= 0) return emit("Identity", [input(0)]);
	if (kind === "string")
		throw fail(
			"UNSUPPORTED",
			"cannot lower AsString of text with a width: ONNX cannot count its characters",
		);
	if (kind === "bool") return truthText(context);
	if (kind === "float" || kind === "half") return floatText(context);
	if (isPlain)
		return context.cast(
			dtype === "uint64" ? input(0) : context.cast(input(0), "int64"),
			"string",
		);
	const number = context.cast(input(0), "int64");
	const size = texts(context).digits(emit("Abs", [number]));
	const isNegative = expressions(context).less(number, 0);
	return padded(context, { isNegative, size });
};

function truthText(context: LowerContext): OnnxValue {
	const t = texts(context);
	const yes = t.constant("true");
	const no = t.constant("false");
	return context.emit("Where", [context.input(0), yes.text, no.text], {});
}

function floatText(context: LowerContext): OnnxValue {
	const { node, input, cast } = context;
	const given = intAttr(node, "precision");
	const digits = given < 0 ? 6 : given;
	if (digits > MOST_DIGITS)
		throw fail(
			"UNSUPPORTED",
			`cannot lower AsString with precision ${digits}: at most ${MOST_DIGITS} digits can be computed in ONNX`,
		);
	const { less, equal, div, or, and, where, of, test } = expressions(context);
	const t = texts(context);
	const value = cast(input(0), "float64");
	const isNan = test("IsNaN", value);
	const isInfinite = test("IsInf", value);
	const isSpecial = or(isNan, isInfinite);
	const size = where(isSpecial, 0, of("Abs", value));
	const { fixed, scientific, general } = decimals(context);
	const print = boolAttr(node, "scientific")
		? scientific
		: boolAttr(node, "shortest")
			? general
			: fixed;
	const special = t.choose(isNan, t.constant("nan"), t.constant("inf"));
	// zero has a sign too
	const isBelow = and(equal(value, 0), less(div(1, value), 0));
	return padded(context, {
		isNegative: or(less(value, 0), isBelow),
		size: t.choose(isSpecial, special, print(size, digits)),
		isSpecial,
	});
}

interface Signed {
	readonly isNegative: OnnxValue;
	readonly size: Text;
	/** Where there are no digits: infinities. */
	readonly isSpecial?: OnnxValue;
}

/** On the left with spaces or zeros, on the right for "-"; a sign stands before zeros. */
function padded(
	context: LowerContext,
	{ isNegative, size, isSpecial }: Signed,
): OnnxValue {
	const { node } = context;
	const { sub } = expressions(context);
	const t = texts(context);
	const width = Math.max(0, intAttr(node, "width"));
	const fill = stringAttr(node, "fill");
	const plus = t.constant(fill === "+" || fill === " " ? fill : "");
	const sign = t.choose(isNegative, t.constant("-"), plus);
	const shown = t.join(sign, size);
	if (width === 0) return shown.text;
	const missing = sub(context.scalar("int64", width), shown.length);
	const spaces = t.repeated(" ", missing, width);
	if (fill === "-") return t.join(shown, spaces).text;
	const left = t.join(spaces, shown);
	if (fill !== "0") return left.text;
	const zeros = t.join(sign, t.repeated("0", missing, width), size);
	return isSpecial === undefined
		? zeros.text
		: t.choose(isSpecial, left, zeros).text;
}
