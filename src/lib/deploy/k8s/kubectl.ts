import { execa } from "execa";
import { fail } from "../../errors.js";
import { failureOf } from "./refusals.js";

/** One cluster as kubectl reaches it. */
export interface Cluster {
	/** Of kubeconfig; undefined for its current one. */
	readonly context: string | undefined;
	/** Runs kubectl with these words; fails with what the cluster or kubectl refuses. */
	run(args: readonly string[], options?: RunOptions): Promise<string>;
	/** The same, whatever its exit status is. */
	attempt(args: readonly string[], options?: RunOptions): Promise<Attempt>;
}

export interface RunOptions {
	/** What it reads, as `-f -` does. */
	readonly input?: string;
	/** What is tried, behind "cannot" in an error: "apply digits". */
	readonly verb?: string;
}

export interface Attempt {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

export interface ClusterOptions {
	readonly context?: string | undefined;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly cwd: string;
	readonly signal?: AbortSignal;
}

/** Seconds that a cluster has for one answer. */
const ANSWER_SECONDS = 15;
/** For one command, which asks several times. */
const COMMAND_MS = 120_000;

/**
 * A cluster through the kubectl on the PATH, with nothing but argument arrays: no shell reads a name. `MLSHIP_KUBECTL` names
 * another program.
 */
export function connect(options: ClusterOptions): Cluster {
	const { context, env, cwd, signal } = options;
	const program = env.MLSHIP_KUBECTL || "kubectl";
	const prefix = [
		`--request-timeout=${ANSWER_SECONDS}s`,
		...(context === undefined ? [] : [`--context=${context}`]),
	];
	const attempt = async (
		args: readonly string[],
		{ input }: RunOptions = {},
	): Promise<Attempt> => {
		const done = await execa(program, [...prefix, ...args], {
			cwd,
			env: definedOf(env),
			extendEnv: false,
			...(input === undefined ? { stdin: "ignore" as const } : { input }),
			reject: false,
			timeout: COMMAND_MS,
			stripFinalNewline: false,
			...(signal !== undefined && { cancelSignal: signal }),
			maxBuffer: 64 * 2 ** 20,
		});
		if (done.isCanceled) throw fail("TIMEOUT", "cannot go on: interrupted");
		if (done.timedOut)
			throw fail(
				"TIMEOUT",
				`cannot wait for kubectl ${args[0]}: no answer within ${COMMAND_MS / 1000} seconds`,
			);
		if (done.exitCode === undefined) throw notStarted(program, done);
		const { exitCode, stdout, stderr } = done;
		return { exitCode, stdout, stderr };
	};
	return {
		context,
		attempt,
		run: async (args, run = {}) => {
			const { exitCode, stdout, stderr } = await attempt(args, run);
			if (exitCode === 0) return stdout;
			throw failureOf(stderr, run.verb ?? `run kubectl ${args[0]}`, context);
		},
	};
}

function notStarted(program: string, { code }: { code?: string }) {
	return code === "ENOENT"
		? fail("NOT_READY", `cannot find ${program}: it is not on the PATH`, {
				hint: "install kubectl as https://kubernetes.io/docs/tasks/tools says",
			})
		: fail("NOT_READY", `cannot start ${program}: ${code ?? "it was killed"}`);
}

function definedOf(env: ClusterOptions["env"]): Record<string, string> {
	return Object.fromEntries(
		Object.entries(env).filter(
			(entry): entry is [string, string] => entry[1] !== undefined,
		),
	);
}
