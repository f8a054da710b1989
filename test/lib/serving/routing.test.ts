import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { add, config, repository, watched } from "./watched.js";

describe("labels", () => {
	const choice = { label: "stable" };

	test("point to their versions, and move when another one is there", async () => {
		const folder = repository(1);
		const { host, watch } = watched(folder);
		const labelled = (version: bigint) =>
			config(folder, {
				policy: { latest: 2 },
				labels: new Map([["stable", version]]),
			});
		await watch.applyConfig([labelled(1n)]);
		expect(host.find("m", choice).version).toBe(1n);
		await watch.applyConfig([labelled(2n)]);
		expect(host.find("m", choice).version).toBe(1n);
		add(folder, 2);
		await watch.poll();
		await watch.poll();
		expect(host.find("m", choice).version).toBe(2n);
		await watch.applyConfig([config(folder)]);
		expect(() => host.find("m", choice)).toThrow(
			"Unrecognized servable version label: stable",
		);
	});

	// server_core_test.cc, and the reference: labels are assigned before models are loaded
	test("strictly refuse a whole configuration where their version does not answer", async () => {
		const folder = repository(1, 2);
		const { host, watch } = watched(folder, { strict: true });
		await watch.applyConfig([config(folder, { policy: { specific: [1n] } })]);
		await expect(
			watch.applyConfig([
				config(folder, { name: "other" }),
				config(folder, { labels: new Map([["stable", 2n]]) }),
			]),
		).rejects.toMatchObject({
			code: "MISMATCH",
			message:
				"Request to assign label to version 2 of model m, which is not currently available for inference",
		});
		expect(host.names).toEqual(["m"]);
		expect(host.find("m").version).toBe(1n);
	});

	test("may strictly point to a version that does not answer where that is allowed, as long as they are new", async () => {
		const folder = repository(1);
		const { host, watch } = watched(folder, {
			strict: true,
			allowsUnavailableLabels: true,
		});
		const labelled = (version: bigint) =>
			config(folder, { labels: new Map([["stable", version]]) });
		await watch.applyConfig([labelled(7n)]);
		expect(() => host.find("m", choice)).toThrow(
			"Servable not found for request: Specific(m, 7)",
		);
		await expect(watch.applyConfig([labelled(8n)])).rejects.toMatchObject({
			code: "MISMATCH",
		});
		await watch.applyConfig([labelled(1n)]);
		expect(host.find("m", choice).version).toBe(1n);
	});
});

describe("mlship.json", () => {
	test("labels versions, keeps them loaded, and is read again", async () => {
		const folder = repository(1, 2, 3);
		const release = join(folder, "mlship.json");
		writeFileSync(release, '{"labels": {"stable": 1}}');
		const { host, served, apply, watch, events } = watched(folder);
		await apply();
		expect(served()).toEqual([3n, 1n]);
		expect(host.find("m", { label: "stable" }).version).toBe(1n);
		writeFileSync(release, '{"labels": {"stable": 2}}');
		await watch.poll();
		await watch.poll();
		expect(served()).toEqual([3n, 2n]);
		expect(host.find("m", { label: "stable" }).version).toBe(2n);
		writeFileSync(release, '{"labels"');
		await watch.poll();
		await watch.poll();
		expect(host.find("m", { label: "stable" }).version).toBe(2n);
		expect(events("trouble")).toHaveLength(1);
	});

	test("shares requests out, each user to one version", async () => {
		const folder = repository(1, 2);
		writeFileSync(
			join(folder, "mlship.json"),
			'{"split": {"1": 90, "2": 10}, "splitBy": "header X-User-Id"}',
		);
		const { host, served, apply } = watched(folder);
		await apply();
		expect(served()).toEqual([2n, 1n]);
		expect(host.routingKey("m", (name) => `value of ${name}`)).toBe(
			"value of x-user-id",
		);
		const users = Array.from({ length: 1000 }, (_, i) => `user ${i}`);
		const versions = users.map(
			(user) => host.find("m", undefined, user).version,
		);
		expect(
			users.map((user) => host.find("m", undefined, user).version),
		).toEqual(versions);
		const first = versions.filter((version) => version === 1n).length;
		expect(first).toBeGreaterThan(860);
		expect(first).toBeLessThan(940);
		expect(host.find("m", { version: 2n }, users[0]).version).toBe(2n);
	});

	test("with all of a split on one version rolls back", async () => {
		const folder = repository(1, 2);
		const { host, apply, watch } = watched(folder);
		await apply();
		expect(host.find("m").version).toBe(2n);
		writeFileSync(join(folder, "mlship.json"), '{"split": {"1": 100, "2": 0}}');
		await watch.poll();
		await watch.poll();
		expect(host.find("m").version).toBe(1n);
	});
});

describe("a split to a version that is not there yet", () => {
	test("takes over when that answers, requests going where they went until then", async () => {
		const folder = repository(1, 2);
		const release = join(folder, "mlship.json");
		writeFileSync(release, '{"split": {"1": 100}}');
		const { host, served, apply, watch } = watched(folder);
		await apply();
		expect(host.find("m").version).toBe(1n);
		// 3 is promoted before its folder came to rest: neither it nor 2, the latest, answers in the place of 1
		add(folder, 3);
		writeFileSync(release, '{"split": {"3": 100}}');
		await watch.poll();
		expect(host.find("m").version).toBe(1n);
		await watch.poll();
		expect(host.find("m").version).toBe(3n);
		await watch.poll();
		expect(served()).toEqual([3n]);
	});

	test("that cannot be loaded leaves requests and labels where they were", async () => {
		const folder = repository(1, 2);
		const release = join(folder, "mlship.json");
		writeFileSync(release, '{"split": {"1": 100}, "labels": {"stable": 1}}');
		const { host, breaks, apply, watch } = watched(folder);
		await apply();
		breaks.add(3);
		add(folder, 3);
		writeFileSync(release, '{"split": {"3": 100}, "labels": {"stable": 3}}');
		for (let i = 0; i < 4; i++) await watch.poll();
		expect(host.find("m").version).toBe(1n);
		expect(host.find("m", { label: "stable" }).version).toBe(1n);
		// of a split that works in part that part answers
		writeFileSync(release, '{"split": {"2": 50, "3": 50}}');
		for (let i = 0; i < 2; i++) await watch.poll();
		expect(host.find("m").version).toBe(2n);
	});
});
