import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Disk, removeQuietly } from "../formats/disk.js";
import { listFolder, statPath } from "../formats/file.js";

/** What a process makes on its way, and leaves where it is killed. */
const KINDS = ["adding", "removed", "locking"] as const;

/** Which machine: processes are known by their numbers there alone. */
const HERE = crc32(hostname()).toString(16);

const NAME = new RegExp(
	`^\\.(?:${KINDS.join("|")})-([0-9a-f]+)-(\\d+)-[0-9a-f]{8}$`,
);

/** A hidden name of this process for something that is not to stay. */
export function passingName(kind: (typeof KINDS)[number]): string {
	return `.${kind}-${HERE}-${process.pid}-${randomBytes(4).toString("hex")}`;
}

/** Removes from a folder what processes left that have ended; of other machines after a day. */
export function clearLeftovers(disk: Disk, dir: string): void {
	for (const name of listFolder(dir)) {
		const [, host, pid] = NAME.exec(name) ?? [];
		if (host === undefined) continue;
		const { mtimeMs = Date.now() } = statPath(join(dir, name)) ?? {};
		const isLeft =
			host === HERE ? !isRunning(Number(pid)) : Date.now() - mtimeMs > DAY_MS;
		if (isLeft) removeQuietly(disk, join(dir, name));
	}
}

const DAY_MS = 86_400_000;

/** Whether there is a process of that number on this machine. */
export function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// of another user
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
