import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { streamOf, yamlOf } from "../../../../src/lib/deploy/k8s/yaml.js";

/** Texts that some version of YAML reads as something else, or that could end theirs. */
const TEXTS = [
	..."yes no on off y n Yes NO null ~ true 1 1.5 1e3 0x1f 0o7 0b1 1_000 12:30 -1 +1 .5 .inf .nan = << 2026-01-01".split(
		" ",
	),
	...[
		"",
		" ",
		"a: b",
		"a #b",
		"- a",
		"---",
		"...",
		"%YAML 1.1",
		"!!int 1",
		"&a",
		"*a",
	],
	...[
		"'",
		'"',
		"a\nb",
		"a\n---\nkind: Secret\n",
		"{{ x }}",
		"$(X)",
		"\\n",
		"\t",
		"\u2028x",
		"é",
		"👍",
	],
	...["|", ">", "@a", "`a", "[a", "{a", "a]", "? a", ": a", "a:"],
];

test.each(["1.1", "1.2"] as const)(
	"every text comes back as it was, by YAML %s",
	(version) => {
		const object = {
			apiVersion: "v1",
			kind: "ConfigMap",
			metadata: { name: "a" },
			data: Object.fromEntries(TEXTS.map((text, i) => [`k${i}`, text])),
		};
		const documents = parseAllDocuments(streamOf([object, object]), {
			version,
		});
		expect(documents).toHaveLength(2);
		for (const document of documents)
			expect((document as { toJS(): unknown }).toJS()).toEqual(object);
	},
);

test("what begins as a number is quoted, as a reader may know forms of numbers that others do not", () => {
	expect(yamlOf({ a: "0o7", b: "1_0", c: "64Mi" })).toBe(
		'a: "0o7"\nb: "1_0"\nc: "64Mi"\n',
	);
});

test("what stands twice is written twice, as aliases are refused by many readers", () => {
	const labels = { app: "digits" };
	expect(yamlOf({ a: labels, b: labels })).not.toMatch(/[&*]/);
});
