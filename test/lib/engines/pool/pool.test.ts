import { afterEach, expect, test } from "vitest";
import { type MakeAgain, Pool } from "../../../../src/lib/engines/pool/pool.js";
import { floats } from "../../../one-node.js";

const SCRIPT = new URL("./mortal-worker.js", import.meta.url);
const ANSWER = 0;
const EXIT = 1;
const THROW = 2;
const sendable = (source: number) => ({ source, transferList: [] });

const pools: Pool[] = [];
afterEach(async () => {
	await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

async function opened(size: number, again?: MakeAgain): Promise<Pool> {
	const pool = new Pool(SCRIPT, size);
	pools.push(pool);
	await pool.open(sendable(10), again);
	return pool;
}

async function ask(pool: Pool, what = ANSWER) {
	const { y } = await pool.run({ x: floats([], [what]) });
	const [source, thread] = y.data as Float32Array;
	return { source, thread };
}

const threadsOf = async (pool: Pool, requests: number) => {
	const answers = Array.from({ length: requests }, () => ask(pool));
	return new Set((await Promise.all(answers)).map(({ thread }) => thread));
};

test.each([
	["exits", EXIT, "status 5"],
	["throws where nobody catches it", THROW, "out of luck"],
])(
	"requests of a thread that %s fail once, and the next is answered by another",
	async (_, what, reason) => {
		let made = 10;
		const pool = await opened(1, () => sendable(++made));
		const before = await ask(pool);
		const lost = [what, ANSWER].map((one) => ask(pool, one));
		for (const { reason: error } of await settled(lost)) {
			expect(error).toMatchObject({ code: "NOT_READY" });
			expect(error.message).toContain(reason);
		}
		const after = await ask(pool);
		expect(after.source).toBe(11);
		expect(after.thread).not.toBe(before.thread);
	},
);

test("the other threads go on, and there are as many as before afterwards", async () => {
	const pool = await opened(2, () => sendable(11));
	const before = await threadsOf(pool, 2);
	const other = ask(pool);
	await expect(ask(pool, EXIT)).rejects.toThrow("died");
	expect((await other).source).toBe(10);
	expect((await ask(pool)).source).toBe(10);
	await expect
		.poll(async () => (await threadsOf(pool, 2)).size, { timeout: 10_000 })
		.toBe(2);
	const after = await threadsOf(pool, 2);
	expect([...after].filter((thread) => before.has(thread))).toHaveLength(1);
});

test.each<[string, MakeAgain, string]>([
	[
		"the model is gone",
		() => {
			throw new Error("the disk is away");
		},
		"the disk is away",
	],
	["it cannot be opened again", () => sendable(-1), "no such model"],
	["its successor dies while it starts", () => sendable(0), "status 7"],
])("where %s, requests are told so", async (_, again, reason) => {
	const pool = await opened(1, again);
	await expect(ask(pool, EXIT)).rejects.toThrow("died");
	for (let i = 0; i < 2; i++) {
		const asked = ask(pool);
		await expect(asked).rejects.toMatchObject({ code: "NOT_READY" });
		await expect(asked).rejects.toThrow(reason);
	}
});

test("a disk that comes back is tried again, with a pause in between", async () => {
	let tries = 0;
	const pool = await opened(1, () => {
		tries++;
		if (tries === 1) throw new Error("the disk is away");
		return sendable(11);
	});
	await expect(ask(pool, EXIT)).rejects.toThrow("died");
	await expect(ask(pool)).rejects.toThrow("the disk is away");
	await expect(ask(pool)).rejects.toThrow("the disk is away");
	expect(tries).toBe(1);
	await expect
		.poll(() => ask(pool).then(({ source }) => source, String), {
			timeout: 10_000,
		})
		.toBe(11);
	expect(tries).toBe(2);
});

test.each([
	["that cannot be opened", -1, "no such model"],
	["whose thread dies", 0, "status 7"],
])("a model %s is refused, and its threads end", async (_, source, reason) => {
	const pool = new Pool(SCRIPT, 2);
	await expect(pool.open(sendable(source))).rejects.toThrow(reason);
	await expect(ask(pool)).rejects.toMatchObject({ code: "NOT_READY" });
});

test("a closed pool opens no further threads", async () => {
	let made = 0;
	const pool = await opened(1, () => sendable(++made));
	await pool.close();
	await expect(ask(pool)).rejects.toThrow("closed");
	expect(made).toBe(0);
});

async function settled(promises: readonly Promise<unknown>[]) {
	const results = await Promise.allSettled(promises);
	return results.filter((result) => result.status === "rejected");
}
