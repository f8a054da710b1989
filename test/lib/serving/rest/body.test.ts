import { PassThrough, Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readBody } from "../../../../src/lib/serving/rest/body.js";

describe("readBody()", () => {
	test.each([
		["no part", []],
		["one part", ["whole"]],
		["several parts", ["in ", "many ", "parts"]],
	])("reads a body in %s", async (_, parts) => {
		expect(await read(parts, {}, 100)).toBe(parts.join(""));
	});

	test("gives up on a body that is longer than the limit, as it comes", async () => {
		expect(await read(["12345", "678901"], {}, 10)).toBeUndefined();
		expect(await read(["12345", "67890"], {}, 10)).toBe("1234567890");
	});

	test("gives up on a body that says so, having let it pass by", async () => {
		const stream = Readable.from([Buffer.from("12345678901")]);
		expect(
			await readBody(stream, { "content-length": "11" }, 10),
		).toBeUndefined();
		expect(stream.readableEnded).toBe(true);
	});

	test("does not wait for a body that the client asks leave to send", async () => {
		const stream = new PassThrough();
		const headers = { "content-length": "11", expect: "100-continue" };
		expect(await readBody(stream, headers, 10)).toBeUndefined();
	});

	test.each(["gzip", "x-gzip", "gzip, identity"])(
		"unzips Content-Encoding: %s",
		async (encoding) => {
			const zipped = gzipSync("a".repeat(1000));
			expect(await read([zipped], { "content-encoding": encoding }, 1000)).toBe(
				"a".repeat(1000),
			);
		},
	);

	test("gives up on a body that is longer than the limit when unzipped", async () => {
		const zipped = gzipSync("a".repeat(1001));
		expect(
			await read([zipped], { "content-encoding": "gzip" }, 1000),
		).toBeUndefined();
	});

	// upstream: "on failure … the body is treated as empty"
	test("takes what is no gzip for an empty body", async () => {
		expect(await read(["{}"], { "content-encoding": "gzip" }, 100)).toBe("");
	});

	test("rejects where the client goes away", async () => {
		const stream = new PassThrough();
		const reading = readBody(stream, {}, 100);
		stream.write("some");
		stream.destroy(new Error("aborted"));
		await expect(reading).rejects.toThrow("aborted");
	});
});

async function read(
	parts: readonly (string | Uint8Array)[],
	headers: Record<string, string>,
	limit: number,
): Promise<string | undefined> {
	const stream = Readable.from(
		parts.map((part) => Buffer.from(part as string)),
	);
	const body = await readBody(stream, headers, limit);
	return body === undefined ? undefined : Buffer.from(body).toString();
}
