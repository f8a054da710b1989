import { expect, test } from "vitest";
import { withDeadline } from "../../../../src/lib/serving/access/deadline.js";

/** Work that ends when it is told to. */
const untilAborted = (signal: AbortSignal | undefined) =>
	new Promise<never>((_, reject) => {
		signal?.addEventListener("abort", () => reject(signal.reason));
	});

test("withDeadline() gives up in upstream's words", async () => {
	await expect(withDeadline(1, untilAborted)).rejects.toMatchObject({
		code: "TIMEOUT",
		message: "Timed out waiting for notification",
	});
});

test("withDeadline() passes on what came in time, and failures", async () => {
	expect(await withDeadline(60_000, async () => 7)).toBe(7);
	await expect(
		withDeadline(60_000, () => Promise.reject(new Error("no"))),
	).rejects.toThrow("no");
});

test.each([0, -1])("withDeadline(%i) waits for ever", async (milliseconds) => {
	expect(await withDeadline(milliseconds, async (signal) => signal)).toBe(
		undefined,
	);
});

test("withDeadline() takes more milliseconds than a timer has", async () => {
	const signal = await withDeadline(2 ** 40, async (given) => given);
	expect(signal?.aborted).toBe(false);
});
