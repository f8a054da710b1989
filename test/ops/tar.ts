import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const BLOCK = 512;

/** Writes the files of an archive below `folder`: plain POSIX ustar entries, as fixtures/ops/pack.py makes them. */
export function unpackTar(bytes: Uint8Array, folder: string): void {
	for (let at = 0; bytes[at] > 0; ) {
		const field = (offset: number, length: number) =>
			Buffer.from(bytes.subarray(at + offset, at + offset + length))
				.toString("latin1")
				.replace(/\0.*$/s, "");
		const path = join(folder, field(0, 100));
		const size = Number.parseInt(field(124, 12), 8);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, bytes.subarray(at + BLOCK, at + BLOCK + size));
		at += BLOCK * (1 + Math.ceil(size / BLOCK));
	}
}
