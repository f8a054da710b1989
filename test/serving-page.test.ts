import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { optionName } from "../src/commands/options.js";
import { FLAGS, type Flag } from "../src/commands/serve/flags.js";
import { readFlags, withSwitchValues } from "../src/commands/serve/options.js";
import { ModelServerConfigSchema } from "../src/gen/model_config_pb.js";
import { readModelServerConfig } from "../src/lib/serving/config/models.js";
import { parseConfig } from "../src/lib/serving/config/read.js";

const PAGE = readFileSync("docs/serving.md", "utf8");

/** A row of a table of flags, as the page has to have it. */
function rowOf(name: string, flag: Flag): string {
	const shown = flag.isUpstream === true ? name : name.replaceAll("_", "-");
	const term = `\`--${shown}${flag.value === undefined ? "" : ` ${flag.value}`}\``;
	const reason =
		flag.ignored === undefined
			? flag.refused === undefined
				? ""
				: `; **refused**: ${flag.refused}`
			: `; **no effect**: ${flag.ignored}`;
	const other =
		flag.upstreamDefault === undefined
			? ""
			: ` (TensorFlow Serving: ${flag.upstreamDefault})`;
	return `| ${term} | ${flag.default}${other} | ${flag.about}${reason} |`;
}

test("docs/serving.md has the table of flags, row by row", () => {
	const rows = Object.entries(FLAGS).map(([name, flag]) => rowOf(name, flag));
	expect(rows.filter((row) => !PAGE.includes(`\n${row}\n`))).toEqual([]);
});

test("docs/serving.md has no flag that there is not", () => {
	const named = [...PAGE.matchAll(/^\| `--([a-z_-]+)/gm)].map(([, name]) =>
		name.replaceAll("-", "_"),
	);
	expect(named.filter((name) => !Object.hasOwn(FLAGS, name))).toEqual([]);
});

test("the command lines of docs/serving.md are read", () => {
	const lines = [...PAGE.matchAll(/^mlship serve(?: (.*))?$/gm)].map(
		([, rest = ""]) => rest.split(" ").filter((word) => word !== ""),
	);
	expect(lines.length).toBeGreaterThan(4);
	for (const words of lines) {
		const given = withSwitchValues(words).map((word) => {
			const [, name, value] = /^--([a-z_]+)=(.+)$/.exec(word) ?? [];
			return [optionName(name), value];
		});
		const read = readFlags(Object.fromEntries(given));
		expect(Object.keys(read)).toHaveLength(words.length);
	}
});

test("the configuration file of docs/serving.md is one", () => {
	const [, text = ""] = /```textproto\n([\s\S]*?)```/.exec(PAGE) ?? [];
	const message = parseConfig(ModelServerConfigSchema, text, "the page");
	expect(readModelServerConfig(message, "strict").models).toEqual([
		{
			name: "digits",
			basePath: "/models/digits",
			policy: { specific: [41n, 42n] },
			labels: new Map([
				["stable", 41n],
				["canary", 42n],
			]),
		},
	]);
});
