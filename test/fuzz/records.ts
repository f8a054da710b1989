import { maskedCrc32c } from "../../src/lib/formats/crc32c.js";
import { readTfRecords } from "../../src/lib/formats/tfrecord.js";
import type { Mutate } from "./bytes.js";
import { mutateBytes } from "./bytes.js";
import { mutateMessage } from "./wire.js";

/** Breaks messages in records, whose checksums fit then; now and then the file itself. */
export const mutateRecords: Mutate = (file, other, random) => {
	const records = recordsOf(file);
	if (records.length === 0 || random(5) === 0)
		return mutateBytes(file, other, random);
	const foreign = recordsOf(other);
	const at = random(records.length);
	const donor = foreign[random(foreign.length)] ?? records[at];
	records[at] = mutateMessage(records[at], donor, random);
	return recordFile(records);
};

function recordsOf(file: Uint8Array): Uint8Array[] {
	const records: Uint8Array[] = [];
	try {
		for (const record of readTfRecords(file)) records.push(record);
	} catch {
		// as many as there are
	}
	return records;
}

/** A TFRecord file (tensorflow/core/lib/io/record_writer.h). */
export function recordFile(records: readonly Uint8Array[]): Buffer {
	return Buffer.concat(
		records.flatMap((record) => {
			const length = Buffer.alloc(8);
			length.writeBigUInt64LE(BigInt(record.length));
			return [length, checksum(length), record, checksum(record)];
		}),
	);
}

function checksum(bytes: Uint8Array): Buffer {
	const written = Buffer.alloc(4);
	written.writeUInt32LE(maskedCrc32c(bytes));
	return written;
}
