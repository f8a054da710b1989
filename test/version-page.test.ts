import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SUBCOMMANDS } from "../src/commands/version/subcommands.js";
import { METRICS } from "../src/lib/release/evaluation/metrics.js";
import { runCli } from "./run-cli.js";

const PAGE = readFileSync("docs/version.md", "utf8");

test("docs/version.md has every subcommand, its options, and every metric", () => {
	for (const { name, options } of SUBCOMMANDS) {
		expect(PAGE).toContain(`| \`${name} `);
		const missing = options()
			.map(({ long }) => long ?? "")
			.filter((long) => long !== "--engine" && !PAGE.includes(long));
		expect([name, missing]).toEqual([name, []]);
	}
	for (const metric of Object.keys(METRICS))
		expect(PAGE).toContain(`\`${metric}\``);
});

test.each(SUBCOMMANDS.map(({ name }) => name))(
	"mlship version %s --help begins with examples",
	async (name) => {
		const { code, stdout } = await runCli(["version", name, "--help"]);
		expect(code).toBe(0);
		expect(stdout).toMatch(new RegExp(`^Examples:\n +mlship version ${name}`));
	},
);
