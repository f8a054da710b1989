import { describe, expect, test } from "vitest";
import {
	checkName,
	isName,
	type NameKind,
	suggestedName,
} from "../../../src/lib/deploy/names.js";

/** What RFC 1035, the OCI distribution specification and Kubernetes' validation say of each. */
const TAKEN: readonly (readonly [NameKind, string])[] = [
	["object", "digits"],
	["object", "a"],
	["object", `a${"b".repeat(61)}c`],
	["namespace", "team-a"],
	["label", "Digits_2.1"],
	["label", "1"],
	["model", "Digits.v2"],
	["model", "_a"],
	["repository", "digits"],
	["repository", "registry.example.com:5000/team/digits"],
	["repository", "localhost/a__b/c-d"],
	["tag", "2"],
	["tag", "V1.0_rc-1"],
];

const REFUSED: readonly (readonly [NameKind, string])[] = [
	["object", ""],
	["object", "Digits"],
	["object", "digits_2"],
	["object", "digits."],
	["object", "-digits"],
	["object", "2digits"],
	["object", "a".repeat(64)],
	["object", "digits\n"],
	["namespace", "kube system"],
	["namespace", 'x"; drop: true'],
	["label", "-a"],
	["label", "a".repeat(64)],
	["label", "a: b"],
	["model", "../etc"],
	["model", "a..b"],
	["model", ".hidden"],
	["model", "$(reboot)"],
	["model", "a;rm -rf /"],
	["model", "a\nRUN id"],
	["model", "modèle"],
	["model", "a b"],
	["model", "m".repeat(129)],
	["repository", "Digits"],
	["repository", "a//b"],
	["repository", "a/"],
	["repository", "digits`id`"],
	["repository", "a".repeat(256)],
	["tag", ".a"],
	["tag", "a b"],
	["tag", "t".repeat(129)],
	["tag", "$TAG"],
];

describe("names of what is deployed", () => {
	test.each(TAKEN)("%s %s is taken as it is", (kind, name) => {
		expect(checkName(kind, name)).toBe(name);
	});

	test.each(REFUSED)(
		"%s %j is refused, with a name that would do",
		(kind, name) => {
			expect(isName(kind, name)).toBe(false);
			const suggested = suggestedName(kind, name);
			expect(isName(kind, suggested)).toBe(true);
			expect(() => checkName(kind, name)).toThrow(
				expect.objectContaining({
					code: "INVALID",
					hint: `use "${suggested}"`,
				}),
			);
		},
	);

	test.each(["", "…", "\u0000", "A".repeat(1000), "🙂", "..", "/", "a/../b"])(
		"whatever %j is, a valid name is made of it",
		(name) => {
			for (const kind of [
				"object",
				"label",
				"model",
				"repository",
				"tag",
			] as const)
				expect(isName(kind, suggestedName(kind, name))).toBe(true);
		},
	);

	test("what moves a terminal's cursor is written out in the error", () => {
		expect(() => checkName("object", "a\u001b[2Jb")).toThrow(/"a\\u001b\[2Jb"/);
	});
});
