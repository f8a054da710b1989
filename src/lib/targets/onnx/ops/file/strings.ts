import { fail } from "../../../../errors.js";
import { dtypeAttr, stringAttr } from "../../../../graph/attrs.js";
import type {
	LowerContext,
	Lowering,
	LoweringRows,
	OnnxValue,
} from "../../lowering.js";
import { asString } from "./number-text.js";

/** The same letters in one case. Without an encoding only those of ASCII have one, as in ONNX Runtime's locale "C". */
function inCase(action: "LOWER" | "UPPER"): Lowering {
	return (context) => {
		const { node, emit, input, ints } = context;
		if (stringAttr(node, "encoding") !== "")
			throw fail(
				"UNSUPPORTED",
				`cannot lower ${node.op} of UTF-8: ONNX Runtime takes letters beyond ASCII by the locales of the machine`,
			);
		const value = input(0);
		const shape = emit("Shape", [value], {}, { dtype: "int64" });
		// one more, as no text at all becomes one that is empty
		const nothing = emptyText(context, [1]);
		const row = emit(
			"Concat",
			[emit("Reshape", [value, ints([-1])]), nothing],
			{
				axis: 0,
			},
		);
		const changed = emit("StringNormalizer", [row], {
			case_change_action: action,
			is_case_sensitive: 1,
			locale: "C",
		});
		return emit("Reshape", [
			emit("Slice", [changed, ints([0]), ints([-1])]),
			shape,
		]);
	};
}

function emptyText(
	{ initializer }: LowerContext,
	shape: readonly number[],
): OnnxValue {
	return initializer({ dtype: "string", shape, data: [new Uint8Array(0)] });
}

/** Text one behind the other, with the separator between. */
const join: Lowering = (context) => {
	const { node, inputs, input, emit, initializer } = context;
	const separator = stringAttr(node, "separator");
	const between = initializer({
		dtype: "string",
		shape: [],
		data: [new TextEncoder().encode(separator)],
	});
	return inputs
		.map((_, i) => input(i))
		.reduce((a, b) =>
			emit("StringConcat", [
				separator === "" ? a : emit("StringConcat", [a, between]),
				b,
			]),
		);
};

/** RE2 here and there. */
const fullMatch: Lowering = (context) => {
	const { node, emit, input } = context;
	const pattern =
		context.inputs.length > 1
			? context.constant(1)
			: stringAttr(node, "pattern");
	if (pattern === undefined)
		throw fail(
			"UNSUPPORTED",
			"cannot lower RegexFullMatch of a pattern that is computed: ONNX has it as an attribute",
		);
	const text =
		typeof pattern === "string"
			? pattern
			: new TextDecoder().decode(pattern.data[0] as Uint8Array);
	return emit(
		"RegexFullMatch",
		[input(0)],
		{ pattern: text },
		{ dtype: "bool" },
	);
};

export const stringLowerings: LoweringRows = {
	AsString: asString,
	StringToNumber: ({ node, input, cast }) =>
		cast(input(0), dtypeAttr(node, "out_type")),
	StringLower: inCase("LOWER"),
	StringUpper: inCase("UPPER"),
	StringJoin: join,
	RegexFullMatch: fullMatch,
	StaticRegexFullMatch: fullMatch,
};

/** A sum of text is one behind the other. */
export function withText(row: Lowering): Lowering {
	return (context) =>
		context.inputs[0].dtype === "string"
			? context.emit("StringConcat", [context.input(0), context.input(1)])
			: row(context);
}
