import { expect, test } from "vitest";
import { hostKernel } from "../../../../src/lib/host/index.js";
import { type Tensor, tensor } from "../../../../src/lib/tensor/tensor.js";
import { node } from "../../graph/programs.js";

function texts(...values: string[]): Tensor {
	const data = values.map((value) => new TextEncoder().encode(value));
	return tensor("string", [values.length], data);
}

function replaced(text: string, pattern: string, rewrite: string) {
	const scalar = (value: string) => ({ ...texts(value), shape: [] });
	const kernel = hostKernel({ op: "RegexReplace" }, ["string"]);
	const made = kernel?.(
		node("n", "RegexReplace", [], { replace_global: true }),
		[texts(text), scalar(pattern), scalar(rewrite)],
	);
	return Buffer.from(made?.[0].data[0] as Uint8Array).toString();
}

// RE2::GlobalReplace
test.each([
	["a,b;c", "[,;]", "", "abc"],
	["a,b;c", "[,;]", "--", "a--b--c"],
	["a,b;c", ",|;", "\\\\", "a\\b\\c"],
	["a,b;c", "[,;]", "<\\0>", "a<,>b<;>c"],
	["a.b", "[^a-z]", "é", "aéb"],
	["é,ü", "[,;]", "", "éü"],
	["é,ü", "[^a-z]", "*", "***"],
	["aab", "a|aa", "x", "xxb"],
	["aab", "(a)", "<\\1>", "<a><a>b"],
	["aab", "^a", "x", "xab"],
	["a\nb\r", "\\s", "_", "a_b_"],
	["", "[,;]", "x", ""],
])("replaces in %j what %j matches by %j", (text, pattern, rewrite, wanted) => {
	expect(replaced(text, pattern, rewrite)).toBe(wanted);
});

// RE2::GlobalReplace, text by text
test.each([
	["", ["ab", "", "", "é", "c"]],
	["--", ["a----b--", "--", "", "é----", "--c"]],
])(
	"replaces by %j in texts that lie side by side, some of them no ASCII",
	(rewrite, wanted) => {
		const scalar = (value: string) => ({ ...texts(value), shape: [] });
		const kernel = hostKernel({ op: "RegexReplace" }, ["string"]);
		const made = kernel?.(
			node("n", "RegexReplace", [], { replace_global: true }),
			[texts("a,,b,", ",", "", "é,,", ",c"), scalar(","), scalar(rewrite)],
		);
		const data = made?.[0].data as readonly Uint8Array[];
		expect(data.map((text) => Buffer.from(text).toString())).toEqual(wanted);
	},
);

// core/kernels/string_split_op.cc: a text is cut by itself, whatever lies beside it
test("a separator is not looked for across texts, and texts without one stay whole", () => {
	const kernel = hostKernel({ op: "StringSplitV2" }, ["string"]);
	const separator = { ...texts("--"), shape: [] };
	const made = kernel?.(node("n", "StringSplitV2", [], { maxsplit: -1 }), [
		texts("a-", "-b", "", "c--d--", "--"),
		separator,
	]);
	const data = made?.[1].data as readonly Uint8Array[];
	const parts = ["a-", "-b", "", "c", "d", "", "", ""];
	expect(data.map((text) => Buffer.from(text).toString())).toEqual(parts);
	expect(made?.[2].data).toEqual(BigInt64Array.of(5n, 3n));
});

test("texts of several shapes are equal where their bytes are", () => {
	const x = { ...texts("a", "", "ab", "b"), shape: [2, 2] };
	const equal = hostKernel({ op: "Equal" }, ["string", "string"]);
	const compare = (y: Tensor) =>
		Array.from(
			(equal?.(node("n", "Equal", []), [x, y])?.[0].data ?? []) as Uint8Array,
		);
	expect(compare({ ...texts(""), shape: [] })).toEqual([0, 1, 0, 0]);
	expect(compare({ ...texts("a", "b"), shape: [2] })).toEqual([1, 0, 0, 1]);
	expect(compare({ ...texts("a", "ab"), shape: [2, 1] })).toEqual([1, 0, 1, 0]);
});
