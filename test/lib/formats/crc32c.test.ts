import { describe, expect, test } from "vitest";
import { crc32c, maskCrc32c } from "../../../src/lib/formats/crc32c.js";
import { bytes } from "../../bytes.js";

describe("crc32c()", () => {
	// RFC 3720, appendix B.4
	test.each([
		["32 zeros", new Uint8Array(32), 0x8a9136aa],
		["32 ones", new Uint8Array(32).fill(255), 0x62a8ab43],
		["0 to 31", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
		["31 to 0", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
		[
			"an iSCSI read command",
			bytes`01c00000 00000000 00000000 00000000 14000000 00000400
				00000014 00000018 28000000 00000000 02000000 00000000`,
			0xd9963a56,
		],
		["the digits 1 to 9", Buffer.from("123456789"), 0xe3069283],
	])("is that of the standard for %s", (_, input, expected) => {
		expect(crc32c(input)).toBe(expected);
	});

	test("is 0 for no bytes", () => {
		expect(crc32c(new Uint8Array(0))).toBe(0);
	});

	test("does not depend on where the bytes lie or how they are cut", () => {
		const whole = Uint8Array.from({ length: 100 }, (_, i) => i * 37);
		const expected = crc32c(whole);
		for (let shift = 0; shift < 9; shift++) {
			const moved = new Uint8Array(120);
			moved.set(whole, shift);
			expect(crc32c(moved.subarray(shift, shift + 100))).toBe(expected);
		}
		for (const cut of [0, 1, 7, 8, 9, 50, 99, 100])
			expect(crc32c(whole.subarray(cut), crc32c(whole.subarray(0, cut)))).toBe(
				expected,
			);
	});
});

test("maskCrc32c() rotates right by 15 bits and adds 0xa282ead8", () => {
	// rotr32(0x00010000, 15) = 2
	expect(maskCrc32c(0x00010000)).toBe(0xa282eada);
	// rotr32(0xffffffff, 15) + 0xa282ead8 wraps to one less
	expect(maskCrc32c(0xffffffff)).toBe(0xa282ead7);
});
