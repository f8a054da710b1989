import { expect, test } from "vitest";
import {
	isOwnDockerfile,
	quotedValue,
} from "../../../../src/lib/deploy/docker/dockerfile.js";
import { random } from "../../../random.js";

/** As Docker reads a value in double quotes: a backslash before one of three characters stands for it, a bare $ is a variable. */
function unquoted(text: string): string {
	expect(text).toMatch(/^"(?:[^"\\$]|\\["\\$])*"$/u);
	return text.slice(1, -1).replace(/\\(["\\$])/g, "$1");
}

test.each([
	"plain",
	'{"a":"b"}',
	"$HOME $(id) `id`",
	'"; RUN id #',
	"ends with \\",
	'\\\\"\\$',
	"# escape=`",
	"",
	"ünï🙂",
])("%j stays one value of a label", (text) => {
	expect(unquoted(quotedValue(text))).toBe(text);
});

test("any text without control characters stays what it is", () => {
	const next = random(7);
	for (let i = 0; i < 500; i++) {
		const text = Array.from({ length: next(20) }, () =>
			String.fromCharCode(next(2) === 0 ? 32 + next(95) : 0xa1 + next(2000)),
		).join("");
		expect(unquoted(quotedValue(text))).toBe(text);
	}
});

test.each(["a\nRUN id", "a\r", "\u0000", "a\u2028b", "a\u0085b"])(
	"%j is refused, as nothing quotes it",
	(text) => {
		expect(() => quotedValue(text)).toThrow(
			expect.objectContaining({ code: "INVALID" }),
		);
	},
);

test("only what mlship made is taken for its own", () => {
	expect(isOwnDockerfile("# Made by mlship 0.1.0, deploy docker: …")).toBe(
		true,
	);
	expect(isOwnDockerfile("FROM node\n# Made by mlship")).toBe(false);
});
