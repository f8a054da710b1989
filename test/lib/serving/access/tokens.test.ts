import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
	parseTokens,
	SCOPES,
} from "../../../../src/lib/serving/access/tokens.js";

const CI = "ci-0123456789abcdef";
const OPS = "ops-0123456789abcdef==";
const DIGEST = createHash("sha256").update(OPS).digest("hex");

const TEXT = `\uFEFF# who may do what
ci   predict,metrics  ${CI}\r

	ops	admin	sha256:${DIGEST.toUpperCase()}
`;

describe("parseTokens()", () => {
	const tokens = parseTokens(TEXT, "tokens.txt");

	// RFC 6750, 3 and 3.1
	test.each([
		[`Bearer ${CI}`, "predict", undefined, undefined],
		[`bearer  ${CI}`, "metrics", undefined, undefined],
		[`Bearer ${OPS}`, "admin", undefined, undefined],
		[
			`Bearer ${CI}`,
			"admin",
			"DENIED",
			'Bearer realm="mlship", error="insufficient_scope", scope="admin"',
		],
		[
			`Bearer ${OPS}`,
			"predict",
			"DENIED",
			'Bearer realm="mlship", error="insufficient_scope", scope="predict"',
		],
		[
			`Bearer ${CI}0`,
			"predict",
			"UNAUTHENTICATED",
			'Bearer realm="mlship", error="invalid_token"',
		],
		[
			`Bearer ${DIGEST}`,
			"admin",
			"UNAUTHENTICATED",
			'Bearer realm="mlship", error="invalid_token"',
		],
		[undefined, "predict", "UNAUTHENTICATED", 'Bearer realm="mlship"'],
		["", "predict", "UNAUTHENTICATED", 'Bearer realm="mlship"'],
		[CI, "predict", "UNAUTHENTICATED", 'Bearer realm="mlship"'],
		[`Basic ${CI}`, "predict", "UNAUTHENTICATED", 'Bearer realm="mlship"'],
		["Bearer ", "predict", "UNAUTHENTICATED", 'Bearer realm="mlship"'],
		[`Bearer ${CI} x`, "predict", "UNAUTHENTICATED", 'Bearer realm="mlship"'],
	] as const)("%s for %s: %s", (given, scope, code, challenge) => {
		const refusal = tokens.refusal(given, scope);
		expect(refusal?.error.code).toBe(code);
		expect(refusal?.challenge).toBe(challenge);
		expect(refusal?.error.message ?? "").not.toContain(CI);
	});

	test("says what a token is good for, and what was wanted", () => {
		expect(tokens.refusal(`Bearer ${CI}`, "admin")?.error.message).toBe(
			'cannot answer: the token "ci" has the scope predict, metrics, admin is wanted',
		);
	});

	const line = (text: string) => `# first\n${text}\n`;

	test.each([
		["nothing", "", "it has no token"],
		["comments alone", "# a\n\n#b", "it has no token"],
		["two words", line("ci predict"), "line 2: it has 2 words"],
		["four words", line(`ci predict ${CI} # x`), "line 2: it has 5 words"],
		["a name that is none", line(`c/i predict ${CI}`), "line 2: the name"],
		["an unknown scope", line(`ci predict,root ${CI}`), 'line 2: "root"'],
		["a scope twice", line(`ci admin,admin ${CI}`), 'line 2: "admin"'],
		["an empty scope", line(`ci predict, ${CI}`), 'line 2: ""'],
		["a short token", line("ci predict abc"), "line 2: the token has 3 chara"],
		["other characters", line("ci predict 0123456789abcdefä"), "line 2: "],
		[
			"half a digest",
			line("ci predict sha256:abc"),
			"line 2: the digest has 3",
		],
		[
			"a name twice",
			`ci predict ${CI}\nci admin ${OPS}`,
			'line 2: there is a token "ci"',
		],
		[
			"a token twice",
			`a admin ${OPS}\nb predict sha256:${DIGEST}`,
			'line 2: it has the token of "a"',
		],
	])("refuses %s, and names the line", (_, text, words) => {
		expect(() => parseTokens(text, "tokens.txt")).toThrow(
			expect.objectContaining({
				code: "INVALID",
				message: expect.stringContaining(`cannot use tokens.txt: ${words}`),
			}),
		);
	});

	test("never says a token", () => {
		for (const text of [`ci root ${CI}`, `ci predict ${CI} ${CI}`])
			expect(() => parseTokens(text, "tokens.txt")).not.toThrow(
				expect.objectContaining({ message: expect.stringContaining(CI) }),
			);
	});

	test("knows three scopes, none of which has another in it", () => {
		for (const scope of SCOPES) {
			const one = parseTokens(`a ${scope} ${CI}`, "tokens.txt");
			expect(
				SCOPES.filter(
					(wanted) => one.refusal(`Bearer ${CI}`, wanted) === undefined,
				),
			).toEqual([scope]);
		}
	});
});
