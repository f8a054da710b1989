import { execFile } from "node:child_process";
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mlship-package-"));

/** A user's machine: none of our settings, and nobody to skip the download that onnxruntime-node's install script wants. */
const env = Object.fromEntries(
	Object.entries(process.env).filter(
		([name]) =>
			!/onnxruntime|npm_(config_local|package|lifecycle)|^INIT_CWD/i.test(name),
	),
);

interface Packed {
	readonly filename: string;
	readonly size: number;
	readonly files: readonly { readonly path: string }[];
}

let packed: Packed;

beforeAll(async () => {
	// the build is there already: tests run on it
	const { stdout } = await run(
		"npm",
		["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
		{ cwd: ROOT, env },
	);
	[packed] = JSON.parse(stdout) as Packed[];
	const project = join(folder, "project");
	mkdirSync(project);
	writeFileSync(
		join(project, "package.json"),
		'{"name":"project","private":true}',
	);
	await run(
		"npm",
		[
			"install",
			"--no-audit",
			"--no-fund",
			"--omit=dev",
			join(folder, packed.filename),
		],
		{ cwd: project, env },
	);
	cpSync(join(ROOT, "models/digits"), join(project, "models/digits"), {
		recursive: true,
	});
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mlship = (...args: string[]) =>
	run(
		process.execPath,
		[join(folder, "project/node_modules/mlship/bin/mlship.js"), ...args],
		{ cwd: join(folder, "project"), env },
	);

test("the package holds what runs, and is below 1 MB", () => {
	const outside = packed.files
		.map(({ path }) => path)
		.filter(
			(path) =>
				!/^(bin|bundle|dist|docs|templates)\/|^(package\.json|README\.md|LICENSE|NOTICE|CHANGELOG\.md)$/.test(
					path,
				),
		);
	expect(outside).toEqual([]);
	expect(packed.files.map(({ path }) => path)).toEqual(
		expect.arrayContaining([
			"bin/mlship.js",
			"dist/main.js",
			"bundle/main.js",
			"bundle/worker.js",
			"LICENSE",
			"README.md",
		]),
	);
	expect(packed.size).toBeLessThan(1e6);
});

test("an installed package says its version", async () => {
	const { version } = JSON.parse(
		readFileSync(join(ROOT, "package.json"), "utf8"),
	) as { version: string };
	expect((await mlship("--version")).stdout).toBe(`${version}\n`);
});

test("an installed package predicts, with the native runtime or without", async () => {
	// TensorFlow's answers for version 2 of the digits
	const [expected] = JSON.parse(
		readFileSync(join(ROOT, "fixtures/models/digits/cases-2.json"), "utf8"),
	) as { inputs: { image: unknown }; outputs: { output_0: number[][] } }[];
	writeFileSync(
		join(folder, "request.json"),
		JSON.stringify({ instances: expected.inputs.image }),
	);
	const { stdout } = await mlship(
		"predict",
		"./models/digits",
		"--request",
		join(folder, "request.json"),
	);
	const { predictions } = JSON.parse(stdout) as { predictions: number[][] };
	expect(predictions).toHaveLength(expected.outputs.output_0.length);
	for (const [i, row] of predictions.entries())
		for (const [j, value] of row.entries())
			expect(value).toBeCloseTo(expected.outputs.output_0[i][j], 4);
});

test("the installed files need no development package", () => {
	expect(existsSync(join(folder, "project/node_modules/typescript"))).toBe(
		false,
	);
});
