import { fail } from "../../errors.js";
import { type Channels, checkSize, type Picture } from "./picture.js";

/** What of the headers is read. */
const HEAD_LENGTH = 32;

/**
 * Decodes an uncompressed Windows bitmap of 8, 24 or 32 bits a pixel as TensorFlow does (kernels/image/decode_image_op.cc):
 * 8 bits are grey, whatever the palette says. Fails with CORRUPT.
 */
export function decodeBmp(bytes: Uint8Array, channels: Channels): Picture {
	if (bytes.length < HEAD_LENGTH)
		throw broken(
			`it has ${bytes.length} bytes, at least ${HEAD_LENGTH} are wanted`,
		);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const start = view.getInt32(10, true);
	const width = view.getInt32(18, true);
	const signedHeight = view.getInt32(22, true);
	const given = view.getInt16(28, true) >> 3;
	if (given !== 1 && given !== 3 && given !== 4)
		throw broken(
			`it has ${view.getInt16(28, true)} bits a pixel, 8, 24 or 32 are wanted`,
		);
	const height = Math.abs(signedHeight);
	checkSize("BMP", width, height);
	const stride = Math.ceil((given * width) / 4) * 4;
	if (start < 0 || bytes.length !== start + stride * height)
		throw broken(
			`it has ${bytes.length} bytes, ${start + stride * height} are wanted`,
		);
	const wanted = channels === 0 ? given : channels;
	const data = new Uint8Array(width * height * wanted);
	for (let row = 0; row < height; row++) {
		const from = start + stride * (signedHeight < 0 ? row : height - 1 - row);
		const line = data.subarray(
			row * width * wanted,
			(row + 1) * width * wanted,
		);
		copyRow(bytes.subarray(from, from + stride), line, given, wanted);
	}
	return { width, height, channels: wanted, data };
}

/** Blue, green, red and perhaps opacity, or grey. */
function copyRow(
	from: Uint8Array,
	to: Uint8Array,
	given: number,
	wanted: number,
): void {
	const red = given === 1 ? 0 : 2;
	const green = given === 1 ? 0 : 1;
	for (let i = 0, at = 0; at < to.length; i += given, at += wanted) {
		to[at] = from[i + red];
		if (wanted === 1) continue;
		to[at + 1] = from[i + green];
		to[at + 2] = from[i];
		if (wanted === 4) to[at + 3] = given === 4 ? from[i + 3] : 255;
	}
}

function broken(found: string) {
	return fail("CORRUPT", `cannot read the BMP: ${found}`);
}
