import { execFile } from "node:child_process";
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";

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
let offline = false;

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
	try {
		await install(project);
	} catch (error) {
		// only the network is no fault of ours
		offline = /E(NOTFOUND|AI_AGAIN|CONNREFUSED|TIMEDOUT)|network/.test(
			String(error),
		);
		if (!offline) throw error;
	}
	cpSync(join(ROOT, "models/digits"), join(project, "models/digits"), {
		recursive: true,
	});
}, 300_000);

const install = (project: string) =>
	run(
		"npm",
		["install", "--no-audit", "--no-fund", join(folder, packed.filename)],
		{ cwd: project, env },
	);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mlship = (...args: string[]) =>
	run(
		process.execPath,
		[join(folder, "project/node_modules/mlship/bin/mlship.js"), ...args],
		{ cwd: join(folder, "project"), env },
	);

test("the package holds what runs, and is below 2.5 MB", () => {
	const outside = packed.files
		.map(({ path }) => path)
		.filter(
			(path) =>
				!/^(bin|bundle|dist\/(gen|lib)|docs|templates)\/|^(package\.json|README\.md|LICENSE|NOTICE|CHANGELOG\.md)$/.test(
					path,
				),
		);
	expect(outside).toEqual([]);
	expect(packed.files.map(({ path }) => path)).toEqual(
		expect.arrayContaining([
			"bin/mlship.js",
			"dist/lib/index.js",
			"dist/lib/index.d.ts",
			"bundle/main.js",
			"bundle/optimizer.js",
			"bundle/worker.js",
			"templates/docker/mlship.Dockerfile",
			"LICENSE",
			"README.md",
		]),
	);
	expect(packed.size).toBeLessThan(2.5e6);
});

test("NOTICE names every package whose code is in the bundle", () => {
	const notice = readFileSync(join(ROOT, "NOTICE"), "utf8");
	const bundled = readdirSync(join(ROOT, "bundle")).flatMap((file) =>
		// rolldown's own marks
		[
			...readFileSync(join(ROOT, "bundle", file), "utf8").matchAll(
				/^\/\/.*?\bnode_modules\/((?:@[^/]+\/)?[^/]+)/gm,
			),
		].map(([, name]) => name),
	);
	expect(bundled).toContain("commander");
	for (const name of new Set(bundled)) expect(notice).toContain(name);
});

describe("an installed package", () => {
	beforeEach(({ skip }) => skip(offline, "npm's registry cannot be reached"));

	test("says its version", async () => {
		const { version } = JSON.parse(
			readFileSync(join(ROOT, "package.json"), "utf8"),
		) as { version: string };
		expect((await mlship("--version")).stdout).toBe(`${version}\n`);
	});

	test("predicts, with the native runtime or without", async () => {
		await expectAnswers();
		rmSync(join(folder, "project/node_modules/onnxruntime-node"), {
			recursive: true,
			force: true,
		});
		await expectAnswers();
	});

	test("is a library", async () => {
		writeFileSync(
			join(folder, "project/library.mjs"),
			`import { loadModel, predict } from "mlship";
			const version = await loadModel("./models/digits/2");
			const image = { dtype: "float32", shape: [1, 28, 28, 1], data: new Float32Array(784) };
			const { output_0 } = await predict(version, "serving_default", { image });
			console.log(JSON.stringify(output_0.shape));
			await version.close();`,
		);
		const { stdout } = await run(process.execPath, ["library.mjs"], {
			cwd: join(folder, "project"),
			env,
		});
		expect(stdout).toBe("[1,10]\n");
	});

	test("brings no development package", () => {
		for (const name of ["typescript", "vitest", "rolldown"])
			expect(existsSync(join(folder, "project/node_modules", name))).toBe(
				false,
			);
	});
});

/** Asks version 2 of the digits what TensorFlow was asked, as a REST body. */
async function expectAnswers(): Promise<void> {
	const [expected] = JSON.parse(
		readFileSync(join(ROOT, "fixtures/models/digits/cases-2.json"), "utf8"),
	) as { inputs: { image: unknown }; outputs: { output_0: number[][] } }[];
	const body = join(folder, "request.json");
	writeFileSync(body, JSON.stringify({ instances: expected.inputs.image }));
	const { stdout } = await mlship(
		"predict",
		"./models/digits",
		"--request",
		body,
	);
	const { predictions } = JSON.parse(stdout) as { predictions: number[][] };
	expect(predictions).toHaveLength(expected.outputs.output_0.length);
	for (const [i, row] of predictions.entries())
		for (const [j, value] of row.entries())
			expect(value).toBeCloseTo(expected.outputs.output_0[i][j], 4);
}
