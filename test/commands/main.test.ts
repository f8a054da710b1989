import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COMMANDS } from "../../src/commands/index.js";
import { runCli } from "../run-cli.js";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as {
	version: string;
};

test("--version prints the package's version on stdout", async () => {
	expect(await runCli(["--version"])).toEqual({
		code: 0,
		stdout: `${version}\n`,
		stderr: "",
	});
});

test("--help leads with examples and lists every command", async () => {
	const { code, stdout } = await runCli(["--help"]);
	expect(code).toBe(0);
	expect(stdout).toMatch(/^Examples:/);
	for (const { name } of COMMANDS) expect(stdout).toContain(`\n  ${name} `);
});

test.each(COMMANDS.map(({ name }) => name))(
	"%s --help leads with examples",
	async (name) => {
		const { code, stdout } = await runCli([name, "--help"]);
		expect(code).toBe(0);
		expect(stdout).toMatch(new RegExp(`^Examples:\\n  mlship ${name}`));
	},
);

test("a mistyped command offers the nearest one, and exits with 2", async () => {
	const { code, stdout, stderr } = await runCli(["inspct"]);
	expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	expect(stderr).toMatch(/unknown command "inspct"; the nearest are "inspect"/);
	expect(stderr).toMatch(/hint: run mlship --help/);
});

test("a mistyped option offers the nearest one of its command", async () => {
	const { code, stderr } = await runCli(["inspect", "--wieghts"]);
	expect(code).toBe(2);
	expect(stderr).toMatch(
		/unknown option "--wieghts"; the nearest are "--weights"/,
	);
	expect(stderr).toMatch(/hint: run mlship inspect --help/);
});

test("--json prints an error as one JSON value on stdout, with the same exit status", async () => {
	const { code, stdout, stderr } = await runCli([
		"inspect",
		"./nowhere",
		"--json",
	]);
	expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
	expect(JSON.parse(stdout)).toMatchObject({
		error: { code: "NOT_FOUND", message: expect.stringContaining("nowhere") },
	});
});

test("colour is for terminals that want it", async () => {
	const colour = "\u001b[";
	const stderrOf = async (
		options: Parameters<typeof runCli>[1],
		...args: string[]
	) => (await runCli(["inspect", "./nowhere", ...args], options)).stderr;
	expect(await stderrOf({ isTTY: true })).toContain(colour);
	expect(await stderrOf({ isTTY: false })).not.toContain(colour);
	expect(await stderrOf({ isTTY: true, env: { NO_COLOR: "1" } })).not.toContain(
		colour,
	);
	expect(await stderrOf({ isTTY: true, env: { TERM: "dumb" } })).not.toContain(
		colour,
	);
	expect(await stderrOf({ isTTY: true }, "--no-color")).not.toContain(colour);
});

test("--debug adds where an error came from", async () => {
	expect((await runCli(["inspect", "./nowhere"])).stderr).not.toContain(" at ");
	expect((await runCli(["inspect", "./nowhere", "--debug"])).stderr).toMatch(
		/\n\s+at /,
	);
});
