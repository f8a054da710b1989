import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runCli } from "./run-cli.js";

const PAGE = readFileSync(
	new URL("../docs/deploy.md", import.meta.url),
	"utf8",
);
const GLOBAL = ["--json", "--quiet", "--debug", "--no-color", "--help"];

test.each([
	["deploy docker", "### How an image is asked for"],
	["deploy k8s", "### Options"],
	["doctor", "## What is missing"],
])(
	"docs/deploy.md has every option of %s, and none that is not there",
	async (command, heading) => {
		const { stdout } = await runCli([...command.split(" "), "--help"]);
		const options = optionsIn(stdout).filter((name) => !GLOBAL.includes(name));
		const section = PAGE.slice(PAGE.indexOf(heading)).split(/\n#{2,3} /)[0];
		const rows = section.split("\n").filter((line) => line.startsWith("| `--"));
		const told = optionsIn(rows.map((row) => row.split(" | ")[0]).join("\n"));
		expect(told.sort()).toEqual(
			options.filter((name) => name !== "--version").sort(),
		);
	},
);

function optionsIn(text: string): string[] {
	return [...new Set(text.match(/--[a-z][a-z0-9-]+/g))];
}
