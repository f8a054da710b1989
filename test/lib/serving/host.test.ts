import { describe, expect, test } from "vitest";
import { fail } from "../../../src/lib/errors.js";
import { Host } from "../../../src/lib/serving/host.js";
import {
	type LoadedVersion,
	loadModel,
} from "../../../src/lib/serving/load.js";
import { fakeEngine, fakeHost, HALF_PLUS_TWO } from "./fake.js";

const DIR = `${HALF_PLUS_TWO}/00000123`;

describe("Host.find()", () => {
	test("gives the latest version, or the one that is chosen", async () => {
		const host = fakeHost();
		await add(host, 2n, 10n, 9n);
		expect(host.find("m").version).toBe(10n);
		expect(host.find("m", { version: 9n }).version).toBe(9n);
	});

	// the texts are TensorFlow Serving's (reference: predict, signature / model errors)
	test.each([
		[
			"an unknown model",
			"n",
			undefined,
			'Servable not found for request: Latest(n); the models: "m"',
		],
		[
			"an unknown version",
			"m",
			{ version: 3n },
			"Servable not found for request: Specific(m, 3); the versions that answer: 1",
		],
	])("fails with NOT_FOUND for %s", async (_, name, choice, message) => {
		const host = fakeHost();
		await add(host, 1n);
		expect(() => host.find(name, choice)).toThrowError(
			expect.objectContaining({ code: "NOT_FOUND", message }),
		);
	});

	test("fails with INVALID for an unknown label", async () => {
		const host = fakeHost();
		await add(host, 1n);
		expect(() => host.find("m", { label: "stable" })).toThrowError(
			expect.objectContaining({
				code: "INVALID",
				message:
					"Unrecognized servable version label: stable; the model's labels: none",
			}),
		);
	});

	test("fails with NOT_READY while the version is being loaded", async () => {
		const { host, finish } = heldHost();
		const adding = add(host, 1n);
		const unready = {
			code: "NOT_READY",
			message: expect.stringContaining("version 1 is being loaded"),
		};
		expect(() => host.find("m")).toThrowError(expect.objectContaining(unready));
		expect(() => host.find("m", { version: 1n })).toThrowError(
			expect.objectContaining(unready),
		);
		finish();
		await adding;
		expect(host.find("m").version).toBe(1n);
	});

	test("gives the older version while a newer one is being loaded", async () => {
		const { host, finish } = heldHost();
		const first = add(host, 1n);
		finish();
		await first;
		const second = add(host, 2n);
		expect(host.find("m").version).toBe(1n);
		finish();
		await second;
		expect(host.find("m").version).toBe(2n);
	});
});

describe("Host.addVersion()", () => {
	test("lists a version that does not load with its error, and serves the others", async () => {
		const host = new Host(async (dir) => {
			if (dir === "/broken")
				throw fail("CORRUPT", "cannot read it: bytes are gone");
			return loadModel(dir, {}, fakeEngine);
		});
		await host.addVersion("m", { version: 1n, dir: DIR });
		const status = await host.addVersion("m", { version: 2n, dir: "/broken" });
		expect(status).toMatchObject({
			version: 2n,
			state: "END",
			error: { code: "CORRUPT" },
		});
		expect(
			host.statuses("m").map(({ version, state }) => [version, state]),
		).toEqual([
			[2n, "END"],
			[1n, "AVAILABLE"],
		]);
		expect(host.find("m").version).toBe(1n);
	});

	test("tries a version again that did not load", async () => {
		let isThere = false;
		const host = new Host(async (dir) => {
			if (!isThere) throw fail("NOT_FOUND", "it is not there");
			return loadModel(dir, {}, fakeEngine);
		});
		await add(host, 1n);
		expect(host.isAvailable("m")).toBe(false);
		isThere = true;
		await add(host, 1n);
		expect(host.isAvailable("m")).toBe(true);
	});

	test("fails for a version that is served", async () => {
		const host = fakeHost();
		await add(host, 1n);
		await expect(add(host, 1n)).rejects.toMatchObject({ code: "INVALID" });
	});
});

describe("Host.removeVersion()", () => {
	test("gives way to the version before, and forgets a model without versions", async () => {
		const host = fakeHost();
		await add(host, 1n, 2n);
		await host.removeVersion("m", 2n);
		expect(host.find("m").version).toBe(1n);
		expect(host.statuses("m")).toHaveLength(1);
		await host.removeVersion("m", 1n);
		expect(host.names).toEqual([]);
	});

	test("takes the version out of service at once and waits for what it runs", async () => {
		const host = fakeHost();
		await add(host, 1n);
		const { loaded } = host.find("m");
		let finish = () => {};
		const running = loaded.use(
			"serving_default",
			() =>
				new Promise<void>((resolve) => {
					finish = resolve;
				}),
		);
		let isRemoved = false;
		const removing = host.removeVersion("m", 1n).then(() => {
			isRemoved = true;
		});
		expect(host.isAvailable("m")).toBe(false);
		expect(host.statuses("m")[0].state).toBe("UNLOADING");
		await new Promise(setImmediate);
		expect(isRemoved).toBe(false);
		finish();
		await Promise.all([running, removing]);
		expect(host.statuses("m")).toEqual([]);
	});

	test("closes a version that was still being loaded", async () => {
		const { host, finish, closed } = heldHost();
		const adding = add(host, 1n);
		await host.removeVersion("m", 1n);
		finish();
		await adding;
		expect(closed).toEqual([DIR]);
		expect(host.names).toEqual([]);
	});
});

describe("Host.close()", () => {
	test("closes every version of every model", async () => {
		const { host, finish, closed } = heldHost();
		for (const [name, version] of [
			["m", 1n],
			["m", 2n],
			["n", 1n],
		] as const) {
			const adding = host.addVersion(name, { version, dir: DIR });
			finish();
			await adding;
		}
		await host.close();
		expect(closed).toEqual([DIR, DIR, DIR]);
		expect(host.names).toEqual([]);
	});

	test("lets no version in any more", async () => {
		const host = fakeHost();
		await host.close();
		await expect(add(host, 1n)).rejects.toMatchObject({ code: "NOT_READY" });
	});
});

async function add(host: Host, ...versions: bigint[]): Promise<void> {
	for (const version of versions)
		await host.addVersion("m", { version, dir: DIR });
}

/** A host that loads when it is told to, and notes what is closed. */
function heldHost() {
	const waiting: (() => void)[] = [];
	const closed: string[] = [];
	const host = new Host(async (dir): Promise<LoadedVersion> => {
		await new Promise<void>((resolve) => {
			waiting.push(resolve);
		});
		const version = await loadModel(dir, {}, fakeEngine);
		return {
			dir,
			signatures: version.signatures,
			definitions: version.definitions,
			floatFeatures: version.floatFeatures,
			refused: version.refused,
			signature: (key) => version.signature(key),
			use: (key, task) => version.use(key, task),
			close: async () => {
				closed.push(dir);
			},
		};
	});
	return { host, closed, finish: () => waiting.shift()?.() };
}
