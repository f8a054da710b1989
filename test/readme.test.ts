import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { COMMANDS } from "../src/commands/index.js";

const run = promisify(execFile);
const README = readFileSync("README.md", "utf8");

interface Step {
	readonly command: string;
	readonly output: string;
}

/** The commands of all console blocks, each with the output that stands under it. */
const STEPS: readonly Step[] = [
	...README.matchAll(/```console\n([\s\S]*?)```/g),
].flatMap(([, block]) =>
	block
		.split(/^\$ /m)
		.slice(1)
		.map((step) => ({
			command: step.slice(0, step.indexOf("\n")),
			output: step.slice(step.indexOf("\n") + 1),
		})),
);
const isServer = ({ command }: Step) => command.includes(" serve ");
const isClient = ({ command }: Step) => command.startsWith("curl ");

test("the README starts with the two commands that do all the set-up", () => {
	expect(README).toContain(
		"npm ci && npx mlship serve ./models/digits\nnpm ci && npm test\n",
	);
});

test.each(STEPS.filter((step) => !isServer(step) && !isClient(step)))(
	"$command prints what the README says",
	async ({ command, output }) => {
		const { stdout } = await shell(command);
		expect(stdout).toBe(output);
	},
);

test("the README's server says what it serves, and answers the README's curl", async () => {
	const [server, client] = [STEPS.find(isServer), STEPS.find(isClient)] as [
		Step,
		Step,
	];
	const child = spawn(process.execPath, [
		...asNode(server.command).slice(1),
		...["--rest-api-port=0", "--port=auto"],
	]);
	try {
		const [greeting] = (await once(child.stdout, "data")) as [Buffer];
		const address =
			/http:\/\/127\.0\.0\.1:\d+/.exec(greeting.toString())?.[0] ?? "";
		expect(
			greeting
				.toString()
				.replaceAll(address, "http://127.0.0.1:8501")
				.replace(/(gRPC at 127\.0\.0\.1):\d+/, "$1:8500"),
		).toBe(server.output);
		const { stdout } = await shell(
			client.command
				.replace("http://127.0.0.1:8501", address)
				.replace("curl ", "curl -s "),
		);
		// the last digits of an answer are the processor's
		const rounded = (text: string) =>
			text.replace(/\d\.\d+(e-\d+)?/g, (number) =>
				Number(number).toPrecision(4),
			);
		expect(rounded(stdout)).toBe(rounded(client.output).trimEnd());
	} finally {
		child.kill("SIGTERM");
		await once(child, "exit");
	}
});

test("every command stands in the README and in docs with all its options", async () => {
	const documentation = [
		"docs/cli.md",
		"docs/serving.md",
		"docs/convert.md",
		"docs/export.md",
		"docs/deploy.md",
		"docs/version.md",
	]
		.map((path) => readFileSync(path, "utf8"))
		.join("");
	for (const { name } of COMMANDS) {
		expect(README).toContain(`mlship ${name}`);
		const { stdout } = await shell(`npx mlship ${name} --help`);
		const options = [...stdout.matchAll(/--[a-z][a-z_-]+/g)].map(
			([option]) => option,
		);
		for (const option of new Set(options))
			expect(documentation, `${name} ${option}`).toContain(option);
	}
});

/** `npx mlship` is this project's own command. */
function asNode(command: string): string[] {
	return command
		.replace(/^npx mlship/, `${process.execPath} bin/mlship.js`)
		.split(" ");
}

function shell(command: string) {
	return run(
		"bash",
		[
			"-c",
			command.replace("npx mlship", `"${process.execPath}" bin/mlship.js`),
		],
		{ env: { ...process.env, NO_COLOR: "1" } },
	);
}
