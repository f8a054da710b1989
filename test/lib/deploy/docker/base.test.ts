import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BASES } from "../../../../src/lib/deploy/docker/base.js";

type Ask = (name: string) => Promise<Readonly<Record<string, string>>>;
const script = new URL("../../../../fixtures/base.js", import.meta.url).href;
const { refreshed } = (await import(script)) as {
	refreshed(text: string, ask: Ask): Promise<string>;
};

const FILE = "src/lib/deploy/docker/base.ts";
const DIGEST = `sha256:${"b".repeat(64)}`;

test("the base of images that mlship serves in is one by digest", () => {
	expect(BASES.mlship).toMatch(/@sha256:[0-9a-f]{64}$/);
});

test("npm run base writes what the registry says of each tag into the one place, and nothing else", async () => {
	const before = readFileSync(FILE, "utf8");
	const asked: string[] = [];
	const after = await refreshed(before, async (name: string) => {
		asked.push(name);
		return { status: "found", digest: DIGEST };
	});
	expect(asked).toEqual(
		Object.values(BASES).map((image) => image.replace(/@.*/, "")),
	);
	const settled = (text: string) => text.replace(/@sha256:[0-9a-f]{64}/g, "");
	expect(settled(after)).toBe(settled(before));
	for (const name of asked) expect(after).toContain(`"${name}@${DIGEST}"`);
});

test("a registry that does not answer changes nothing", async () => {
	await expect(
		refreshed(readFileSync(FILE, "utf8"), async () => ({
			status: "silent",
			reason: "docker.io does not answer",
		})),
	).rejects.toThrow("docker.io does not answer");
});
