import { DISK, type Disk } from "../src/lib/formats/disk.js";

/** A full disk takes no bytes, and lets go of files; a read-only one does nothing. */
export const FAULTS = {
	ENOSPC: ["makeFolder", "write", "copy", "link"],
	EROFS: Object.keys(DISK),
	EIO: ["sync", "rename", "write"],
} as const;

export type Fault = keyof typeof FAULTS;

/** A disk on which what a fault hits fails, from one of its steps on. */
export function faultyDisk(code: Fault, from: number) {
	let steps = 0;
	let failed = 0;
	const disk = Object.fromEntries(
		Object.entries(DISK).map(([name, act]) => [
			name,
			(...args: readonly string[]) => {
				const isHit = (FAULTS[code] as readonly string[]).includes(name);
				if (isHit) steps++;
				if (!isHit || steps < from)
					return (act as (...given: readonly string[]) => void)(...args);
				failed++;
				throw Object.assign(new Error(`${code}: no, ${name} ${args[0]}`), {
					code,
					path: args.at(name === "copy" || name === "link" ? 1 : 0),
				});
			},
		]),
	) as unknown as Disk;
	return { disk, failed: () => failed };
}
