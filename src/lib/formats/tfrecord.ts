import { fail, type MlshipError } from "../errors.js";
import { maskedCrc32c } from "./crc32c.js";

/**
 * The records of a TFRecord file (tensorflow/core/lib/io/record_writer.h): the length as a uint64, its masked CRC-32C, the
 * bytes, theirs. Views into the file. Fails with CORRUPT where a record is cut short or a checksum does not fit.
 */
export function* readTfRecords(file: Uint8Array): Generator<Uint8Array> {
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
	for (let at = 0; at < file.byteLength; ) {
		if (file.byteLength - at < HEADER + FOOTER) throw cut(at);
		const length = Number(view.getBigUint64(at, true));
		checkSum(view, at, 8);
		const start = at + HEADER;
		if (length > file.byteLength - start - FOOTER) throw cut(at);
		checkSum(view, start, length);
		yield file.subarray(start, start + length);
		at = start + length + FOOTER;
	}
}

/** A length and its checksum. */
const HEADER = 12;

/** The checksum of a record. */
const FOOTER = 4;

function checkSum(view: DataView, at: number, length: number): void {
	const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
	if (view.getUint32(at + length, true) !== maskedCrc32c(bytes))
		throw fail(
			"CORRUPT",
			`cannot read a record of a TFRecord file: the checksum of the ${length} bytes at ${at} does not fit`,
			{ at: { offset: at } },
		);
}

function cut(at: number): MlshipError {
	return fail(
		"CORRUPT",
		`cannot read a record of a TFRecord file: the one at ${at} is longer than the file`,
		{ at: { offset: at } },
	);
}
