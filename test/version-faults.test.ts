import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import { DISK, type Disk } from "../src/lib/formats/disk.js";
import { addVersion } from "../src/lib/release/add.js";
import { sourceAt } from "../src/lib/release/source.js";
import {
	labelVersion,
	sendAll,
	splitTraffic,
} from "../src/lib/repository/change.js";
import { findVersion } from "../src/lib/repository/list.js";
import { removeVersion } from "../src/lib/repository/remove.js";
import { FAULTS, type Fault, faultyDisk } from "./faulty-disk.js";

const UPSTREAM = resolve("fixtures/models/tensorflow-serving");
const FIRST = join(UPSTREAM, "saved_model_half_plus_two_cpu/00000123");
const SECOND = join(UPSTREAM, "saved_model_half_plus_three/00000123");

const folders: string[] = [];
afterEach(() => {
	for (const folder of folders.splice(0))
		rmSync(folder, { recursive: true, force: true });
});

const check = async () => ({
	signatures: [],
	refused: new Map(),
	trouble: undefined,
});

function optionsOn(disk: Disk) {
	return { command: "a test", who: "a test", waitMs: 0, disk, check };
}

type Change = (dir: string, disk: Disk) => Promise<unknown>;

const CHANGES: readonly (readonly [string, Change])[] = [
	["add", (dir, disk) => addVersion(dir, sourceAt(SECOND), optionsOn(disk))],
	[
		"add --link",
		(dir, disk) =>
			addVersion(dir, sourceAt(SECOND), { ...optionsOn(disk), link: true }),
	],
	["label", (dir, disk) => labelVersion(dir, "a", "1", optionsOn(disk))],
	[
		"promote",
		(dir, disk) =>
			sendAll(
				dir,
				"promote",
				({ model }) => findVersion(model, "2"),
				optionsOn(disk),
			),
	],
	["split", (dir, disk) => splitTraffic(dir, ["1", "2"], optionsOn(disk))],
	["remove", (dir, disk) => removeVersion(dir, "2", optionsOn(disk))],
];

const CASES = CHANGES.flatMap(([name, change]) =>
	(Object.keys(FAULTS) as Fault[]).map((code) => [name, code, change] as const),
);

test.each(CASES)(
	"%s on a disk that says %s, from whichever step on, fails or is done, and leaves what there was or all of it",
	async (_, code, change) => {
		for (let from = 1; ; from++) {
			const root = mkdtempSync(join(tmpdir(), "mlship-faults-"));
			folders.push(root);
			const dir = join(root, "m");
			await addVersion(dir, sourceAt(FIRST), optionsOn(DISK));
			await addVersion(dir, sourceAt(SECOND), optionsOn(DISK));
			const before = listed(root);
			const faulty = faultyDisk(code, from);
			const outcome = await change(dir, faulty.disk).then(
				() => "done",
				(error) => error,
			);
			if (faulty.failed() === 0) break;
			const after = listed(root);
			if (outcome !== "done") {
				expect(outcome.message).not.toContain("undefined");
				// what a rename has made visible stays; nothing else does
				const visible = after.filter((path) => !before.includes(path));
				expect(visible.filter((path) => !/^m\/3\//.test(path))).toEqual([]);
				if (visible.length > 0) expect(visible.length).toBe(wholeCount(root));
			}
			// whatever happened, the next one works
			await labelVersion(dir, "next", "1", optionsOn(DISK));
			expect(hidden(root)).toEqual([]);
			rmSync(root, { recursive: true });
			expect(from).toBeLessThan(100);
		}
	},
	240_000,
);

test("a full disk is told with the file that it has no room for", async () => {
	const root = mkdtempSync(join(tmpdir(), "mlship-faults-"));
	folders.push(root);
	const { disk } = faultyDisk("ENOSPC", 3);
	await expect(
		addVersion(join(root, "m"), sourceAt(FIRST), optionsOn(disk)),
	).rejects.toMatchObject({
		code: "NOT_READY",
		message: expect.stringMatching(/^cannot write .*no space left/),
	});
	expect(readdirSync(root)).toEqual([]);
});

/** Files that somebody sees, by their paths and sizes. */
function listed(root: string): string[] {
	return readdirSync(root, { recursive: true, encoding: "utf8" })
		.filter((path) => !/(^|\/)\./.test(path))
		.filter((path) => statSync(join(root, path)).isFile())
		.filter((path) => !/mlship\.json$|models\.config$/.test(path))
		.sort();
}

function wholeCount(root: string): number {
	const manifest = join(root, "m/3/assets.extra/mlship_manifest.json");
	const { files } = JSON.parse(readFileSync(manifest, "utf8"));
	return Object.keys(files).length + 1;
}

function hidden(root: string): string[] {
	// those of this process, which is alive, are told apart by what they are
	return readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
		(path) => /(^|\/)\.(mlship|.*replacing)/.test(path),
	);
}
