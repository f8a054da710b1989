import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { asMlshipError, ERROR_CODES, fail } from "../../src/lib/errors.js";
import { nearest, quoted } from "../../src/lib/nearest.js";

test("asMlshipError() says what the system said in our words", async () => {
	const cause = await readFile("/no/such/file").catch(
		(error: unknown) => error,
	);
	expect(asMlshipError(cause)).toMatchObject({
		code: "NOT_FOUND",
		message: "cannot open /no/such/file: no such file or folder",
		cause,
	});
});

test("asMlshipError() names the port that is in use", async () => {
	const first = createServer();
	await new Promise<void>(
		(resolve) => void first.listen(0, "127.0.0.1", resolve),
	);
	const { port } = first.address() as { port: number };
	const error = await new Promise((resolve) =>
		createServer().on("error", resolve).listen(port, "127.0.0.1"),
	);
	first.close();
	expect(asMlshipError(error)).toMatchObject({
		code: "NOT_READY",
		message: `cannot listen on 127.0.0.1:${port}: the port is in use`,
	});
});

test("asMlshipError() takes what it does not know for a mistake of ours, and keeps it", () => {
	const cause = new RangeError("odd");
	expect(asMlshipError(cause)).toMatchObject({
		code: "BUG",
		message: "odd",
		cause,
	});
	expect(asMlshipError("odd")).toMatchObject({ code: "BUG", message: "odd" });
});

test("asMlshipError() leaves our own errors as they are", () => {
	const error = fail("INVALID", "cannot do it");
	expect(asMlshipError(error)).toBe(error);
});

test("exit statuses are small, and 1 is for our own mistakes alone", () => {
	for (const [code, { exit }] of Object.entries(ERROR_CODES)) {
		expect(exit).toBeLessThan(126);
		expect(exit === 1).toBe(code === "BUG");
	}
});

test("nearest() puts the closest names first, five at most", () => {
	const names = [
		"serving_default",
		"serve",
		"train",
		"encode",
		"decode",
		"score",
	];
	expect(nearest("Serving_defalt", names)[0]).toBe("serving_default");
	expect(nearest("decod", names).slice(0, 2)).toEqual(["decode", "encode"]);
	expect(nearest("x", names)).toHaveLength(5);
});

test("quoted() says so where there is nothing to choose from", () => {
	expect([quoted(["a", "b"]), quoted([])]).toEqual(['"a", "b"', "none"]);
});
