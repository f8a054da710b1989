import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, statSync, unlinkSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { asMlshipError, fail, type MlshipError } from "../errors.js";
import { type Disk, removeQuietly } from "../formats/disk.js";
import { isRunning, passingName } from "./leftovers.js";

/** Who holds a repository, as its lock file says. */
export interface Holder {
	readonly pid: number;
	readonly host: string;
	/** When it came, in ISO 8601. */
	readonly since: string;
	/** Tells processes apart that get the same number one after another; empty where the system does not say. */
	readonly start: string;
	/** What it is doing. */
	readonly command: string;
	readonly token: string;
}

export interface LockOptions {
	readonly disk: Disk;
	/** What the others are told that this process is doing. */
	readonly command: string;
	/** How long to wait for another process, in milliseconds. */
	readonly waitMs: number;
}

/**
 * Holds a lock file while a task runs. One of a process that has ended, or of another machine that is ten minutes old, is
 * taken over. Fails with NOT_READY, who holds it being told, where it is not free in time.
 */
export async function withLock<T>(
	path: string,
	options: LockOptions,
	task: () => Promise<T> | T,
): Promise<T> {
	const token = await acquire(path, options, 0);
	try {
		return await task();
	} finally {
		release(path, token);
	}
}

/** Takeovers are locked too, and that lock's takeover once more: nobody dies three times in a row. */
const MAX_DEPTH = 2;

async function acquire(
	path: string,
	options: LockOptions,
	depth: number,
): Promise<string> {
	const until = Date.now() + options.waitMs;
	const token = randomBytes(8).toString("hex");
	for (;;) {
		if (create(path, token, options)) return token;
		const holder = readHolder(path);
		if (holder !== undefined && isStale(path, holder) && depth < MAX_DEPTH)
			await takeOver(path, options, depth);
		else if (Date.now() >= until && holder !== undefined)
			throw held(path, holder);
		else if (holder !== undefined) await pause(RETRY_MS);
	}
}

const RETRY_MS = 25;

/** A link to a whole file, as a reader must not meet half of one. */
function create(
	path: string,
	token: string,
	{ disk, command }: LockOptions,
): boolean {
	const made = join(dirname(path), passingName("locking"));
	const holder: Holder = {
		pid: process.pid,
		host: hostname(),
		since: new Date().toISOString(),
		start: startOf(process.pid),
		command,
		token,
	};
	try {
		disk.write(made, `${JSON.stringify(holder)}\n`);
		linkSync(made, path);
		return true;
	} catch (error) {
		const { code = "" } = error as NodeJS.ErrnoException;
		if (code === "EEXIST") return false;
		if (NO_LINKS.includes(code)) return createInPlace(path, holder, disk);
		throw asMlshipError(error);
	} finally {
		removeQuietly(disk, made);
	}
}

/** File systems without a second name for a file. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "ENOSYS"];

function createInPlace(path: string, holder: Holder, disk: Disk): boolean {
	try {
		disk.write(path, `${JSON.stringify(holder)}\n`);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw asMlshipError(error);
	}
}

function release(path: string, token: string): void {
	try {
		if (readHolder(path)?.token === token) unlinkSync(path);
	} catch (error) {
		throw asMlshipError(error);
	}
}

/** Under a lock of its own, as two that find a stale lock must not remove each other's new one. */
async function takeOver(
	path: string,
	options: LockOptions,
	depth: number,
): Promise<void> {
	const guard = `${path}.takeover`;
	const token = await acquire(guard, options, depth + 1);
	try {
		const holder = readHolder(path);
		if (holder !== undefined && isStale(path, holder)) unlinkSync(path);
	} catch (error) {
		throw asMlshipError(error);
	} finally {
		release(guard, token);
	}
}

/** Undefined where the lock is free by now; of a file that nobody can read only the age counts. */
function readHolder(path: string): Holder | undefined {
	try {
		const read: unknown = JSON.parse(readFileSync(path, "utf8"));
		const known = (read ?? {}) as Partial<Record<keyof Holder, unknown>>;
		return {
			pid: typeof known.pid === "number" ? known.pid : 0,
			host: String(known.host ?? ""),
			since: String(known.since ?? ""),
			start: String(known.start ?? ""),
			command: String(known.command ?? ""),
			token: String(known.token ?? ""),
		};
	} catch (error) {
		if (error instanceof SyntaxError) return UNKNOWN;
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw asMlshipError(error);
	}
}

const UNKNOWN: Holder = {
	pid: 0,
	host: "",
	since: "",
	start: "",
	command: "",
	token: "",
};

/** A lock is held for as long as a few small files take. */
const OLD_MS = 10 * 60_000;

function isStale(path: string, { pid, host, start }: Holder): boolean {
	if (host !== hostname() || !Number.isSafeInteger(pid) || pid <= 0)
		return ageOf(path) > OLD_MS;
	if (!isRunning(pid)) return true;
	const now = startOf(pid);
	return start !== "" && now !== "" && now !== start;
}

/** By the clock that the file system keeps, in milliseconds. */
function ageOf(path: string): number {
	const stats = statSync(path, { throwIfNoEntry: false });
	return stats === undefined ? 0 : Math.max(0, Date.now() - stats.mtimeMs);
}

/** When a process began, and in which life of its machine: proc_pid_stat(5), field 22. */
function startOf(pid: number): string {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1");
		return `${boot.trim()}/${fields[19]}`;
	} catch {
		return "";
	}
}

function held(path: string, holder: Holder): MlshipError {
	const seconds = Math.round(ageOf(path) / 1000);
	const who =
		holder.pid === 0
			? "somebody"
			: `process ${holder.pid} on ${holder.host}${holder.command === "" ? "" : ` (mlship ${holder.command})`}`;
	return fail(
		"NOT_READY",
		`cannot change the repository: ${who} has held ${path} for ${seconds} s`,
		{
			hint: `try again, or where that process is gone for good: rm ${path}`,
			at: { file: path, pid: holder.pid, host: holder.host, seconds },
		},
	);
}
