/** CRC-32C (Castagnoli), as LevelDB tables, tensor bundles and TFRecord files use it; `crc` continues an earlier one. */
export function crc32c(bytes: Uint8Array, crc = 0): number {
	let state = ~crc;
	const head = Math.min(bytes.length, -bytes.byteOffset & 3);
	state = byBytes(state, bytes, 0, head);
	const words = (bytes.length - head) >>> 2;
	const pairs = words - (words & 1);
	if (pairs > 0)
		state = byWordPairs(
			state,
			new Int32Array(bytes.buffer, bytes.byteOffset + head, pairs),
		);
	return ~byBytes(state, bytes, head + pairs * 4, bytes.length) >>> 0;
}

/** The form in which a checksum is stored beside the bytes it covers (leveldb, util/crc32c.h). */
export function maskCrc32c(crc: number): number {
	return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

export function maskedCrc32c(bytes: Uint8Array): number {
	return maskCrc32c(crc32c(bytes));
}

/** Reversed polynomial 0x1EDC6F41 (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

/** `TABLES[k][b]`: the state after byte `b` and `k` zero bytes ("slicing by 8", Kounavis and Berry 2008). */
const TABLES = slicingTables();

function slicingTables(): readonly Int32Array[] {
	const first = Int32Array.from({ length: 256 }, (_, byte) => {
		let state = byte;
		for (let bit = 0; bit < 8; bit++)
			state = (state >>> 1) ^ (state & 1 ? POLYNOMIAL : 0);
		return state;
	});
	const tables = [first];
	for (let k = 1; k < 8; k++)
		tables.push(
			tables[k - 1].map((state) => (state >>> 8) ^ first[state & 255]),
		);
	return tables;
}

function byBytes(
	initial: number,
	bytes: Uint8Array,
	start: number,
	end: number,
): number {
	const table = TABLES[0];
	let state = initial;
	for (let i = start; i < end; i++)
		state = (state >>> 8) ^ table[(state ^ bytes[i]) & 255];
	return state;
}

function byWordPairs(initial: number, words: Int32Array): number {
	const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
	let state = initial;
	for (let i = 0; i < words.length; i += 2) {
		const low = words[i] ^ state;
		const high = words[i + 1];
		state =
			t7[low & 255] ^
			t6[(low >>> 8) & 255] ^
			t5[(low >>> 16) & 255] ^
			t4[low >>> 24] ^
			t3[high & 255] ^
			t2[(high >>> 8) & 255] ^
			t1[(high >>> 16) & 255] ^
			t0[high >>> 24];
	}
	return state;
}
