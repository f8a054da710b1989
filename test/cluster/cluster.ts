import { execFile, spawnSync } from "node:child_process";
import {
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type CliRun, runCli } from "../run-cli.js";

const run = promisify(execFile);
const PARTS = fileURLToPath(new URL("parts", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const PROGRAMS =
	process.env.MLSHIP_CLUSTER_BIN ||
	join(homedir(), ".cache/mlship-cluster/bin");

/** Nobody listens there, so that a registry is asked in vain and at once. */
export const REGISTRY = "127.0.0.1:59999";

/** A real control plane, and nodes on which nothing runs (test/cluster/README.md). */
export interface TestCluster {
	readonly kubeconfig: string;
	/** Of the test run. */
	readonly folder: string;
	/** Runs `mlship deploy k8s` with these words. */
	deploy(...words: readonly string[]): Promise<CliRun>;
	/** Runs mlship with other variables. */
	mlship(
		words: readonly string[],
		env?: Readonly<Record<string, string>>,
	): Promise<CliRun>;
	/** Asks as its administrator. */
	kubectl(...words: readonly string[]): Promise<string>;
	/** A kubeconfig with its own server, user and context, in a file. */
	otherConfig(name: string, change: (text: string) => string): string;
	stop(): void;
}

/**
 * Starts one, or says why there is none. Its programs are built once, if Go is there and gets its modules, within
 * `MLSHIP_CLUSTER_BUILD` minutes (12; 0 for never); what was compiled until then is not lost.
 */
export async function startCluster(): Promise<TestCluster | string> {
	const lack = await whatIsLacking();
	if (lack !== undefined) return lack;
	const folder = mkdtempSync(join(tmpdir(), "mlship-cluster-"));
	const state = join(folder, "state");
	const env = { ...process.env, MLSHIP_CLUSTER_BIN: PROGRAMS };
	const stop = (): void => {
		spawnSync(join(PARTS, "down.sh"), [state], { env });
		rmSync(folder, { recursive: true, force: true });
	};
	try {
		const { stdout } = await run(join(PARTS, "up.sh"), [state], { env });
		return clusterAt(stdout.trim(), folder, stop);
	} catch (error) {
		stop();
		return `it did not start: ${lastLine(error)}`;
	}
}

function clusterAt(
	kubeconfig: string,
	folder: string,
	stop: () => void,
): TestCluster {
	const base = {
		PATH: `${PROGRAMS}:${process.env.PATH}`,
		HOME: folder,
		KUBECONFIG: kubeconfig,
	};
	const mlship: TestCluster["mlship"] = (words, env = {}) =>
		runCli(words, { cwd: ROOT, env: { ...base, ...env } });
	return {
		kubeconfig,
		folder,
		stop,
		mlship,
		deploy: (...words) => mlship(["deploy", "k8s", ...words]),
		kubectl: async (...words) => {
			const { stdout } = await run(join(PROGRAMS, "kubectl"), words, {
				env: base,
			});
			return stdout;
		},
		otherConfig: (name, change) => {
			const path = join(folder, `${name}.kubeconfig`);
			writeFileSync(path, change(readFileSync(kubeconfig, "utf8")));
			return path;
		},
	};
}

async function whatIsLacking(): Promise<string | undefined> {
	if (process.platform !== "linux") return "its scripts are for Linux";
	for (const tool of ["bash", "openssl", "flock", "setsid"])
		if (!isThere(tool)) return `${tool} is not there`;
	if (isBuilt()) return undefined;
	const minutes = Number(process.env.MLSHIP_CLUSTER_BUILD ?? 12);
	const lack = isThere("go") ? undefined : "Go is not there to build it";
	if (lack !== undefined || !(minutes > 0))
		return lack ?? "it is not built, and MLSHIP_CLUSTER_BUILD says not to";
	if (!hasModules()) return "Go does not get its modules";
	try {
		const build = ["nice", join(PARTS, "build.sh"), PROGRAMS];
		await run("timeout", [`${minutes}m`, ...build]);
		return undefined;
	} catch {
		return `it was not built within ${minutes} minutes: npm run test:cluster goes on`;
	}
}

/** Whether build.sh has nothing to do. */
function isBuilt(): boolean {
	if (!existsSync(join(PROGRAMS, ".built"))) return false;
	return (
		spawnSync(join(PARTS, "build.sh"), ["--is-built", PROGRAMS]).status === 0
	);
}

function isThere(tool: string): boolean {
	return (
		spawnSync("sh", ["-c", `command -v ${tool}`], { stdio: "ignore" })
			.status === 0
	);
}

function hasModules(): boolean {
	const asked = spawnSync("go", ["mod", "download", "k8s.io/kubernetes"], {
		cwd: PARTS,
		timeout: 60_000,
		stdio: "ignore",
	});
	return asked.status === 0;
}

function lastLine(error: unknown): string {
	const { stderr = "", message } = error as {
		stderr?: string;
		message: string;
	};
	return (stderr || message).trim().split("\n").at(-1) ?? "";
}
