import { describe, expect, test } from "vitest";
import {
	javascriptExpression,
	javascriptRewrite,
} from "../../../../src/lib/targets/web/ops/expression.js";

/** What TensorFlow.js makes of it, which makes the text of attributes small. */
function replaced(
	text: string,
	pattern: string,
	rewrite: string,
	isGlobal = true,
): string {
	const expression = javascriptExpression(pattern, isGlobal).toLowerCase();
	return text.replace(
		new RegExp(expression, isGlobal ? "g" : ""),
		javascriptRewrite(rewrite).toLowerCase(),
	);
}

describe("an expression of RE2", () => {
	// tf.strings.regex_replace of TensorFlow 2.21
	test.each([
		["Ab aB", "[A-Z]", "*", "*b a*"],
		["Ab aB", "A", "-", "-b aB"],
		["a1_Z é-", "\\W", ".", "a1_Z..."],
		["a1_Z é", "\\w", ".", ".... é"],
		["one\ttwo\u00a0three", "\\s", "_", "one_two\u00a0three"],
		["😀 ok", ".", "x", "xxxx"],
		["😀a", "[^a]", "x", "xa"],
		["ab", "(?P<first>a)(b)", "\\2\\1", "ba"],
		["a.b.c", "\\.", "$", "a$b$c"],
		["Beta b K\u212a", "(?i)b|k", "#", "#eta # ##"],
		["x[y]", "[[\\]]", "|", "x|y|"],
		["Az09!", "[[:alpha:]]", "l", "ll09!"],
		["Az09!", "[[:punct:]]", "p", "Az09p"],
		["😀a", "", ".", ".😀.a."],
		["a\\b", "\\\\", "/", "a/b"],
		["XyZ", "\\x58|\\x{5a}", "q", "qyq"],
	])("%j with %j for %j is %j", (text, pattern, rewrite, expected) => {
		expect(replaced(text, pattern, rewrite)).toBe(expected);
	});

	test.each(["\\pL", "(?s).", "\\Qa\\E", "a*", "(?i)[a-z]", "[", "\\C"])(
		"%j is refused, as JavaScript has no such form",
		(pattern) => {
			expect(() => javascriptExpression(pattern, true)).toThrow(
				"no form in JavaScript",
			);
		},
	);
});

test("capitals that take the place of a match are refused, as TensorFlow.js makes them small", () => {
	expect(() => javascriptRewrite("A")).toThrow("no capitals");
});
