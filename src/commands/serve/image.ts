import { readFileSync } from "node:fs";

/** What tells of the process around: tests give their own. */
export interface Surroundings {
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly pid: number;
	readonly ppid: number;
	/** The name of process 1; undefined where nobody says. */
	firstProcess(): string | undefined;
}

/**
 * Whether this process is what a container was started for, so that requests can only come from outside of it. Our images
 * say so by MLSHIP_IN_IMAGE; in others it is the first process, or the child of one that only starts another. A shell in a
 * container that somebody works in is none, and neither is a machine of a test.
 */
export function isInImage(around: Surroundings): boolean {
	const { env, pid, ppid, firstProcess } = around;
	const said = env.MLSHIP_IN_IMAGE;
	if (said !== undefined && said !== "")
		return said !== "0" && said !== "false";
	return pid === 1 || (ppid === 1 && STARTERS.test(firstProcess() ?? ""));
}

/** npx, and the small inits of `docker run --init`, Podman and images. */
const STARTERS = /^(npm\b|npx\b|node\b|tini|docker-init|dumb-init|catatonit)/;

/** This process. */
export function surroundings(env: Surroundings["env"]): Surroundings {
	const { pid, ppid } = process;
	return { env, pid, ppid, firstProcess };
}

function firstProcess(): string | undefined {
	try {
		return readFileSync("/proc/1/comm", "utf8").trim();
	} catch {
		return undefined;
	}
}
