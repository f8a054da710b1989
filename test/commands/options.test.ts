import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CliOptions, runCli } from "../run-cli.js";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-"));
	cpSync("models", join(folder, "models"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const project = (options: unknown) =>
	writeFileSync(join(folder, "mlship.config.json"), JSON.stringify(options));
const inspect = (env: CliOptions["env"], ...args: string[]) =>
	runCli(["inspect", "digits", ...args], { cwd: folder, env });

/** What tells the forms of an answer apart: saved_model_cli's first line, JSON, or ours. */
const formOf = (stdout: string) =>
	/^(The given SavedModel SignatureDef|\{|digits 2)/.exec(stdout)?.[1];

describe("an option that is not typed", () => {
	const compat = {
		compat: "text",
		"tag-set": "serve",
		signature: "serving_default",
	};
	const variables = {
		MLSHIP_COMPAT: "text",
		MLSHIP_TAG_SET: "serve",
		MLSHIP_SIGNATURE: "serving_default",
	};

	test("is its MLSHIP_ variable", async () => {
		expect(formOf((await inspect(variables)).stdout)).toBe(
			"The given SavedModel SignatureDef",
		);
		expect(formOf((await inspect({ MLSHIP_JSON: "1" })).stdout)).toBe("{");
		expect(formOf((await inspect({ MLSHIP_JSON: "false" })).stdout)).toBe(
			"digits 2",
		);
		expect(formOf((await inspect({ MLSHIP_JSON: "" })).stdout)).toBe(
			"digits 2",
		);
	});

	test("is what mlship.config.json says, of all commands or of its own", async () => {
		project(compat);
		expect(formOf((await inspect({})).stdout)).toBe(
			"The given SavedModel SignatureDef",
		);
		project({
			inspect: { compat: "text", tagSet: "serve", signature: "serve" },
		});
		expect((await inspect({})).stdout).toMatch(/^The given SavedModel/);
		project({ predict: { signature: "other" }, serve: { restApiPort: 9000 } });
		expect(formOf((await inspect({})).stdout)).toBe("digits 2");
	});

	test("gives way: to the command line the variable, to the variable the file", async () => {
		project({ signature: "from_file" });
		expect((await inspect({})).stderr).toContain('"from_file"');
		const env = { MLSHIP_SIGNATURE: "from_variable" };
		expect((await inspect(env)).stderr).toContain('"from_variable"');
		expect((await inspect(env, "--signature", "typed")).stderr).toContain(
			'"typed"',
		);
	});

	test("takes colour away with MLSHIP_NO_COLOR", async () => {
		const stderr = async (env: CliOptions["env"]) =>
			(
				await runCli(["inspect", "./nowhere"], {
					cwd: folder,
					env,
					isTTY: true,
				})
			).stderr;
		expect(await stderr({})).toContain("\u001b[");
		expect(await stderr({ MLSHIP_NO_COLOR: "1" })).not.toContain("\u001b[");
	});
});

test.each([
	[{ signture: "x" }, '"signture" is no option; the nearest are "signature"'],
	[{ serve: { hots: "::" } }, '"hots" is no option; the nearest are "host"'],
	[{ serve: 1 }, "an object of options is wanted, got 1"],
	[[], "an object of options is wanted, got []"],
	[{ json: "yes" }, 'true or false is wanted, got "yes"'],
	[{ signature: { a: 1 } }, "a text or a number is wanted"],
	[{ signature: ["a", "b"] }, "one value is wanted"],
	[{ compat: "yaml" }, 'one of "text" is wanted, got "yaml"'],
])(
	"mlship.config.json of %j is refused with what was wanted",
	async (options, reason) => {
		project(options);
		const { code, stdout, stderr } = await inspect({});
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain(reason);
		expect(stderr).toContain("mlship.config.json");
	},
);

test("mlship.config.json that is no JSON is refused, but --help and --version are there", async () => {
	writeFileSync(join(folder, "mlship.config.json"), "{");
	expect((await inspect({})).stderr).toMatch(
		/^error: cannot read mlship\.config\.json: it is no JSON: /,
	);
	expect((await runCli(["--version"], { cwd: folder })).code).toBe(0);
	expect((await inspect({}, "--help")).code).toBe(0);
});

test("a variable that its option cannot take is refused", async () => {
	expect((await inspect({ MLSHIP_JSON: "perhaps" })).stderr).toBe(
		'error: cannot use MLSHIP_JSON: true or false is wanted, got "perhaps"\n',
	);
});
