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

test.each(["version", "deploy"])(
	"%s without a command of its own prints its help, and nobody else's",
	async (group) => {
		const { code, stdout } = await runCli([group]);
		expect(code).toBe(0);
		expect(stdout).toBe((await runCli([group, "--help"])).stdout);
	},
);

test("an option that is wanted is told with what it takes", async () => {
	const { code, stderr } = await runCli(["convert", "models/digits"]);
	expect(code).toBe(2);
	expect(stderr).toMatch(
		/convert lacks its option "--target <name>": web or lite or onnx/,
	);
});

test("no command at all prints the help", async () => {
	const { code, stdout, stderr } = await runCli([]);
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	expect(stdout).toBe((await runCli(["--help"])).stdout);
});

test.each([
	[["inspect", "a", "b"], 'inspect takes 1 argument, got "a", "b"', "inspect"],
	[
		["inspect", "--tag-set"],
		'option "--tag-set <tags>" lacks its value',
		"inspect",
	],
	[
		["inspect", "a", "--compat", "c"],
		'option "--compat <form>" takes "text" and nothing else',
		"inspect",
	],
	[
		["help", "inspct"],
		'unknown command "inspct"; the nearest are "inspect"',
		"",
	],
	[["--jsn"], 'unknown option "--jsn"; the nearest are "--json"', ""],
	[
		["inspect", "a", "--quit"],
		'unknown option "--quit"; the nearest are "--quiet"',
		"inspect",
	],
	[
		["predict", "inspect", "--ou=x"],
		'unknown option "--ou=x"; the nearest are "--out"',
		"predict",
	],
])(
	"%j is no command line, and the error says why",
	async (argv, reason, command) => {
		const { code, stdout, stderr } = await runCli(argv);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain(`error: cannot read the command line: ${reason}`);
		expect(stderr).toContain(
			`hint: run ${["mlship", command].join(" ").trim()} --help to see what it takes`,
		);
	},
);
