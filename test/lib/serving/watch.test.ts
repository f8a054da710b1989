import {
	cpSync,
	renameSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseVersionPolicy } from "../../../src/lib/serving/versions.js";
import { add, config, repository, watched } from "./watched.js";

describe("the first look at a model", () => {
	test.each([
		["1", [4n]],
		["2", [4n, 3n]],
		["9", [4n, 3n, 1n]],
		["all", [4n, 3n, 1n]],
		["1,4,1", [4n, 1n]],
		["4,7", [4n]],
	])("serves what %s asks for", async (versions, expected) => {
		const { served, apply } = watched(repository(1, 3, 4));
		await apply({ policy: parseVersionPolicy(versions) });
		expect(served()).toEqual(expected);
	});

	test("reports a version that is not complete, and serves an older one instead", async () => {
		const folder = repository(1, 2, 3);
		truncateSync(weightsOf(folder, 3), 5);
		const { host, served, apply } = watched(folder);
		await apply({ policy: { latest: 2 } });
		expect(served()).toEqual([2n, 1n]);
		expect(host.statuses("m")[0]).toMatchObject({
			version: 3n,
			state: "END",
			error: {
				code: "NOT_READY",
				message: expect.stringMatching(
					/^the version is not complete: .*has 5 bytes/,
				),
			},
		});
	});

	test("reports a version that does not load, and serves an older one instead", async () => {
		const { host, apply, breaks } = watched(repository(1, 2, 3));
		breaks.add(3);
		await apply({ policy: { latest: 1 } });
		expect(
			host.statuses("m").map(({ version, state }) => [version, state]),
		).toEqual([
			[3n, "END"],
			[2n, "AVAILABLE"],
		]);
	});
});

// file_system_storage_path_source.cc aspires the latest, and the manager keeps what it had until one of those is ready
test("strictly no older version stands in for one that does not load, but what was served goes on", async () => {
	const folder = repository(1, 2);
	const { served, apply, watch, breaks, loads } = watched(folder, {
		strict: true,
	});
	breaks.add(2);
	await apply();
	expect([served(), loads]).toEqual([[], [2]]);
	breaks.add(4);
	add(folder, 3);
	await watch.poll();
	await watch.poll();
	expect(served()).toEqual([3n]);
	add(folder, 4);
	await watch.poll();
	await watch.poll();
	expect([served(), loads]).toEqual([[3n], [2, 3, 4]]);
});

describe("a version that comes", () => {
	test("is served when its folder stays as it is, and the one before goes", async () => {
		const folder = repository(1);
		const { served, apply, watch } = watched(folder);
		await apply();
		add(folder, 2);
		await watch.poll();
		expect(served()).toEqual([1n]);
		await watch.poll();
		expect(served()).toEqual([2n]);
	});

	test("waits while it grows, and until all of it is there", async () => {
		const folder = repository(1);
		const { served, apply, watch, events } = watched(folder);
		await apply();
		add(folder, 2);
		const weights = weightsOf(folder, 2);
		truncateSync(weights, 1);
		await watch.poll();
		truncateSync(weights, 2);
		await watch.poll();
		expect(events("failed")).toEqual([]);
		await watch.poll();
		await watch.poll();
		expect(served()).toEqual([1n]);
		expect(events("failed")).toHaveLength(1);
		add(folder, 2);
		await watch.poll();
		await watch.poll();
		expect(served()).toEqual([2n]);
	});

	test.each(["tmp-3", ".3", "3.tmp", "3_new", "assets"])(
		"is no version while it is called %s",
		async (name) => {
			const folder = repository(1);
			const { served, apply, watch } = watched(folder);
			await apply();
			cpSync(join(folder, "1"), join(folder, name), { recursive: true });
			await watch.poll();
			await watch.poll();
			expect(served()).toEqual([1n]);
			renameSync(join(folder, name), join(folder, "3"));
			await watch.poll();
			await watch.poll();
			expect(served()).toEqual([3n]);
		},
	);

	test("serves before the one before it goes, which finishes what it runs", async () => {
		const folder = repository(1);
		const { host, apply, watch } = watched(folder);
		await apply();
		const { loaded } = host.find("m");
		let finish: () => void = () => undefined;
		const running = loaded.use("serving_default", () => {
			return new Promise<string>((resolve) => {
				finish = () => resolve("done");
			});
		});
		add(folder, 2);
		await watch.poll();
		await watch.poll();
		expect(host.find("m").version).toBe(2n);
		expect(host.statuses("m")[1].state).toBe("UNLOADING");
		finish();
		await expect(running).resolves.toBe("done");
		await loaded.close();
		await Promise.resolve();
		expect(host.statuses("m")).toHaveLength(1);
	});

	test("that does not load stays out until its folder changes, and is told once", async () => {
		const folder = repository(1);
		const { served, apply, watch, breaks, loads, events } = watched(folder);
		await apply();
		breaks.add(2);
		add(folder, 2);
		for (let i = 0; i < 4; i++) await watch.poll();
		expect(served()).toEqual([1n]);
		expect(loads).toEqual([1, 2]);
		expect(events("failed")).toMatchObject([
			{ model: "m", version: 2n, error: { code: "UNSUPPORTED" } },
		]);
		breaks.clear();
		writeFileSync(join(folder, "2", "fixed"), "");
		await watch.poll();
		await watch.poll();
		expect(served()).toEqual([2n]);
	});

	test("is tried again, some time later, where that may help", async () => {
		const folder = repository(1);
		let now = 0;
		const { apply, watch, loads, breaks } = watched(folder, {
			retries: 2,
			retryMs: 1000,
			now: () => now,
		});
		breaks.add(1);
		breaks.code = "NOT_READY";
		await apply();
		await watch.poll();
		expect(loads).toEqual([1]);
		for (let i = 0; i < 5; i++) {
			now += 1000;
			await watch.poll();
		}
		expect(loads).toEqual([1, 1, 1]);
	});
});

describe("settled()", () => {
	test("resolves when a version was tried as often as it may be", async () => {
		const { apply, watch, loads, breaks } = watched(repository(1), {
			retries: 2,
			retryMs: -1,
			strict: true,
		});
		breaks.add(1);
		await apply();
		expect(loads).toEqual([1]);
		await watch.settled();
		expect(loads).toEqual([1, 1, 1]);
	});

	test("resolves at once where all is well", async () => {
		const { apply, watch, loads } = watched(repository(1));
		await apply();
		await watch.settled();
		expect(loads).toEqual([1]);
	});
});

describe("a version that goes", () => {
	test("gives way to the one before", async () => {
		const folder = repository(1, 2);
		const { host, served, apply, watch } = watched(folder);
		await apply();
		expect(served()).toEqual([2n]);
		rmSync(join(folder, "2"), { recursive: true });
		await watch.poll();
		expect(served()).toEqual([1n]);
		expect(host.statuses("m")).toHaveLength(1);
	});

	test.each<[string, (folder: string) => void]>([
		[
			"the folder of the model",
			(folder) => rmSync(folder, { recursive: true }),
		],
		[
			"the last version",
			(folder) => rmSync(join(folder, "1"), { recursive: true }),
		],
	])("with %s serves on, and that is told once", async (_, remove) => {
		const folder = repository(1);
		const { served, apply, watch, events } = watched(folder);
		await apply();
		remove(folder);
		await watch.poll();
		await watch.poll();
		expect(served()).toEqual([1n]);
		expect(events("trouble")).toHaveLength(1);
		add(folder, 1);
		await watch.poll();
		expect(events("recovered")).toHaveLength(1);
	});
});

describe("applyConfig()", () => {
	test("serves other models when one has no folder, and tells which", async () => {
		const folder = repository(1);
		const later = join(folder, "..", "later");
		const { host, watch } = watched(folder);
		const troubles = await watch.applyConfig([
			config(folder, { name: "a" }),
			config(later, { name: "b" }),
			config(folder, { name: "c" }),
		]);
		expect(troubles).toMatchObject([
			{ model: "b", error: { code: "NOT_FOUND" } },
		]);
		expect(host.names).toEqual(["a", "c"]);
		cpSync(folder, later, { recursive: true });
		await watch.poll();
		expect(host.names).toEqual(["a", "b", "c"]);
	});

	test("serves models that are new, and those that are not named no more", async () => {
		const folder = repository(1, 2);
		const { host, watch } = watched(folder);
		await watch.applyConfig([config(folder, { name: "a" })]);
		await watch.applyConfig([
			config(folder, { name: "b", policy: { specific: [1n] } }),
		]);
		expect(host.isAvailable("a")).toBe(false);
		expect(host.find("b").version).toBe(1n);
		await watch.applyConfig([config(folder, { name: "b", policy: "all" })]);
		expect(host.statuses("b").map(({ version }) => version)).toEqual([2n, 1n]);
		await watch.applyConfig([]);
		expect(host.names).toEqual(["b"]);
	});

	test("moves a model to another folder without a moment in which it does not answer", async () => {
		const [before, after] = [repository(1), repository(1)];
		const { host, watch, held } = watched(before);
		await watch.applyConfig([config(before)]);
		held.holds = true;
		const applied = watch.applyConfig([config(after)]);
		await held.waits;
		expect(host.find("m").loaded.dir).toBe(join(before, "1"));
		held.release();
		await applied;
		expect(host.find("m").loaded.dir).toBe(join(after, "1"));
	});
});

function weightsOf(folder: string, version: number): string {
	return join(
		folder,
		String(version),
		"variables/variables.data-00000-of-00001",
	);
}
