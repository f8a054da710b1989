import { expect, test } from "vitest";
import { globMatcher } from "../../../src/lib/convert/glob.js";

// as Python's fnmatch.fnmatchcase answers
test.each([
	["conv*", "conv2d/kernel", true],
	["conv*", "my/conv", false],
	["*/kernel", "a/b/kernel", true],
	["conv?d", "conv2d", true],
	["conv[12]d", "conv1d", true],
	["conv[!12]d", "conv1d", false],
	["a.b", "axb", false],
	["a+(b)", "a+(b)", true],
	["", "", true],
])("%s on %s is %s", (glob, name, expected) => {
	expect(globMatcher(glob)(name)).toBe(expected);
});
