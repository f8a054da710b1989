import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { fail } from "../../../src/lib/errors.js";
import type { ModelConfig } from "../../../src/lib/serving/config/models.js";
import { Host } from "../../../src/lib/serving/host.js";
import {
	type LoadedVersion,
	loadModel,
} from "../../../src/lib/serving/load.js";
import {
	Watch,
	type WatchEvent,
	type WatchOptions,
} from "../../../src/lib/serving/watch.js";
import { fakeEngine, HALF_PLUS_TWO } from "./fake.js";

const folders: string[] = [];
afterEach(() => {
	for (const folder of folders.splice(0))
		rmSync(folder, { recursive: true, force: true });
});

export function config(
	basePath: string,
	changes: Partial<ModelConfig> = {},
): ModelConfig {
	const plain = { name: "m", policy: { latest: 1 }, labels: new Map() };
	return { ...plain, basePath, ...changes };
}

/** A watch over a folder of versions that run on the fake engine. */
export function watched(folder: string, options: WatchOptions = {}) {
	const happened: WatchEvent[] = [];
	const loads: number[] = [];
	const breaks = Object.assign(new Set<number>(), {
		code: "UNSUPPORTED" as "UNSUPPORTED" | "NOT_READY",
	});
	const held = holding();
	const load = async (dir: string): Promise<LoadedVersion> => {
		const version = Number(dir.split("/").at(-1));
		loads.push(version);
		await held.pass();
		if (breaks.has(version)) throw fail(breaks.code, "cannot run Foo");
		return loadModel(dir, {}, fakeEngine);
	};
	const host = new Host(load);
	const watch = new Watch(host, {
		report: (event) => happened.push(event),
		...options,
	});
	return {
		host,
		watch,
		loads,
		breaks,
		held,
		apply: (changes: Partial<ModelConfig> = {}) =>
			watch.applyConfig([config(folder, changes)]),
		served: () =>
			host
				.statuses("m")
				.filter(({ state }) => state === "AVAILABLE")
				.map(({ version }) => version),
		events: (kind: WatchEvent["kind"]) =>
			happened.filter((event) => event.kind === kind),
	};
}

function holding() {
	let release: () => void = () => undefined;
	let arrived: () => void = () => undefined;
	const waits = new Promise<void>((resolve) => {
		arrived = resolve;
	});
	return {
		holds: false,
		waits,
		release: () => release(),
		async pass() {
			if (!this.holds) return;
			await new Promise<void>((resolve) => {
				release = resolve;
				arrived();
			});
		},
	};
}

/** A model folder with copies of half plus two. */
export function repository(...versions: number[]): string {
	const root = mkdtempSync(join(tmpdir(), "mlship-"));
	folders.push(root);
	const folder = join(root, "m");
	mkdirSync(folder);
	for (const version of versions) add(folder, version);
	return folder;
}

export function add(folder: string, version: number): void {
	cpSync(`${HALF_PLUS_TWO}/00000123`, join(folder, String(version)), {
		recursive: true,
	});
}
