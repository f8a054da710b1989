import { describe, expect, test } from "vitest";
import { readTfRecords } from "../../../src/lib/formats/tfrecord.js";

// tf.io.TFRecordWriter of TensorFlow 2.21: the records b"hello" and b""
const TWO = Buffer.from(
	"0500000000000000eab2043e68656c6c6fbb1f1c19" +
		"000000000000000029039807d8ea82a2",
	"hex",
);

describe("readTfRecords()", () => {
	test("gives the bytes of each record", () => {
		const records = [...readTfRecords(TWO)].map((record) =>
			Buffer.from(record).toString(),
		);
		expect(records).toEqual(["hello", ""]);
		expect([...readTfRecords(new Uint8Array(0))]).toEqual([]);
	});

	test.each([
		["a length", 0],
		["a length's checksum", 9],
		["the bytes", 13],
		["the bytes' checksum", 18],
	])("fails where %s was changed", (_, at) => {
		const changed = Uint8Array.from(TWO);
		changed[at] ^= 1;
		expect(() => [...readTfRecords(changed)]).toThrowError(
			expect.objectContaining({ code: "CORRUPT" }),
		);
	});

	test("fails wherever the file is cut", () => {
		for (let length = 1; length < TWO.length; length++) {
			if (length === 21) continue;
			expect(() => [...readTfRecords(TWO.subarray(0, length))]).toThrowError(
				expect.objectContaining({ code: "CORRUPT" }),
			);
		}
	});
});
