import { describe, expect, test } from "vitest";
import { decompressSnappy } from "../../../src/lib/formats/snappy.js";
import { bytes } from "../../bytes.js";

const text = (output: Uint8Array): string => Buffer.from(output).toString();

describe("decompressSnappy()", () => {
	test("copies literals", () => {
		expect(
			text(
				decompressSnappy(bytes`
				05                // 5 bytes come out
				10 68656c6c6f     // literal of 4 + 1: hello`),
			),
		).toBe("hello");
	});

	test("repeats with offsets of one, two and four bytes", () => {
		expect(
			text(
				decompressSnappy(bytes`
				15
				08 616263           // literal of 3: abc
				01 03               // copy of 4 from 3 back: abca
				16 0700             // copy of 6 from 7 back: abcabc
				0b 04000000         // copy of 3 from 4 back: cab
				10 78797a2121       // literal of 5`),
			),
		).toBe("abcabcaabcabccabxyz!!");
	});

	test("repeats what a copy writes itself", () => {
		expect(
			text(
				decompressSnappy(bytes`
				0a
				00 61     // literal of 1: a
				22 0100   // copy of 9 from 1 back`),
			),
		).toBe("aaaaaaaaaa");
	});

	test("reads literals whose length has a byte of its own", () => {
		const long = Buffer.alloc(100, "x");
		expect(
			text(
				decompressSnappy(
					bytes`64 f0 63 ${long}   // 60: one more byte, 99 + 1`,
				),
			),
		).toBe("x".repeat(100));
	});

	test.each([
		["is empty", bytes``, "its length is cut or longer than 5 bytes"],
		[
			"has an endless length",
			bytes`ff ff ff ff ff ff`,
			"its length is cut or longer than 5 bytes",
		],
		[
			"promises more than can be in it",
			bytes`80 80 80 80 0f 00 61`,
			"4026531840 bytes are promised, 7 compressed bytes cannot hold them",
		],
		[
			"is cut in a literal",
			bytes`05 10 68 65`,
			"a literal at 1 needs 5 bytes, 2 remain",
		],
		["is cut in a copy", bytes`05 00 61 22 01`, "an element is cut at 5"],
		[
			"copies from before its beginning",
			bytes`05 00 61 01 02`,
			"a copy at 3 reaches 2 bytes back, 1 were written",
		],
		[
			"copies from where it stands",
			bytes`05 00 61 01 00`,
			"a copy at 3 has offset 0",
		],
		[
			"writes too much",
			bytes`02 08 616263`,
			"an element at 1 writes 3 bytes, 2 remain",
		],
		[
			"writes too little",
			bytes`05 08 616263`,
			"5 bytes were promised, 3 came out",
		],
	])("fails with CORRUPT where a block %s", (_, block, reason) => {
		expect(() => decompressSnappy(block)).toThrow(
			expect.objectContaining({
				code: "CORRUPT",
				message: `cannot decompress a Snappy block: ${reason}`,
			}),
		);
	});
});
