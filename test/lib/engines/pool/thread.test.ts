import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Thread } from "../../../../src/lib/engines/pool/thread.js";
import type { Tensor } from "../../../../src/lib/tensor/tensor.js";
import { floats } from "../../../one-node.js";

/** Above the size from which buffers move to another thread instead of being copied. */
const MANY = 2_000;
const many = (value: number) => floats([MANY], Array<number>(MANY).fill(value));
const X = () => floats([], [0]);
const SET = () => floats([], [3]);

describe("a tensor that is kept", () => {
	let thread: Thread;
	beforeAll(async () => {
		thread = new Thread(new URL("./mortal-worker.js", import.meta.url));
		await thread.open({ source: 10, transferList: [] });
	});
	afterAll(() => thread.close());

	/** What the worker saw, and whether it was the very tensor of its run before. */
	async function seen(variable: Tensor, x = X()) {
		const { v, isSame } = await thread.run({ x }, { variable });
		return [v.data.length, v.data[0], Boolean(isSame.data[0])];
	}

	test("is sent once, stays the caller's and as it was", async () => {
		const variable = many(7);
		expect(await seen(variable)).toEqual([MANY, 7, false]);
		// the worker answers the kept tensor itself, and keeps it all the same
		expect(await seen(variable)).toEqual([MANY, 7, true]);
		expect(await seen(variable)).toEqual([MANY, 7, true]);
		expect(variable.data).toHaveLength(MANY);
	});

	test("is sent again where it is another", async () => {
		expect(await seen(many(8))).toEqual([MANY, 8, false]);
		expect(await seen(many(8))).toEqual([MANY, 8, false]);
	});

	test("need not come back to the worker that made it", async () => {
		const { variable } = await thread.run({ x: SET() }, { variable: many(1) });
		expect([...new Set(variable.data as Float32Array)]).toEqual([2]);
		expect(await seen(variable)).toEqual([MANY, 2, true]);
		expect(await seen(many(1))).toEqual([MANY, 1, false]);
	});
});
