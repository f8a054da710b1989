import { fail } from "../errors.js";

/** How many there are, where each begins, where the last ends, and then their bytes (string_util.h). */
export function encodeStrings(strings: readonly Uint8Array[]): Uint8Array {
	const head = 4 * (strings.length + 2);
	const size = strings.reduce((sum, { length }) => sum + length, head);
	const bytes = new Uint8Array(size);
	const view = new DataView(bytes.buffer);
	view.setInt32(0, strings.length, true);
	let at = head;
	for (const [i, text] of strings.entries()) {
		view.setInt32(4 * (i + 1), at, true);
		bytes.set(text, at);
		at += text.length;
	}
	view.setInt32(4 * (strings.length + 1), at, true);
	return bytes;
}

/** Fails with CORRUPT where places lie outside of the bytes. */
export function decodeStrings(bytes: Uint8Array): readonly Uint8Array[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const count = bytes.length < 4 ? -1 : view.getInt32(0, true);
	if (count < 0 || 4 * (count + 2) > bytes.length) throw broken();
	return Array.from({ length: count }, (_, i) => {
		const [from, to] = [i, i + 1].map((n) => view.getInt32(4 * (n + 1), true));
		if (from < 0 || to < from || to > bytes.length) throw broken();
		return bytes.subarray(from, to);
	});
}

function broken() {
	return fail(
		"CORRUPT",
		"cannot read a .tflite file: its strings lie outside of their buffer",
	);
}
