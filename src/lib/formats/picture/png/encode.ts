import { crc32, deflateSync } from "node:zlib";
import type { Picture } from "../picture.js";
import { COLOR, COLOR_ALPHA, GREY, GREY_ALPHA } from "./chunks.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** By channels. */
const COLOR_TYPES = [GREY, GREY, GREY_ALPHA, COLOR, COLOR_ALPHA];

/** Writes a PNG file of 8 or 16 bits; `level` is zlib's, 0 to 9, -1 for its default. */
export function encodePng(picture: Picture, level: number): Uint8Array {
	const { width, height, channels, data } = picture;
	const isDeep = data instanceof Uint16Array;
	const header = new Uint8Array(13);
	const view = new DataView(header.buffer);
	view.setUint32(0, width);
	view.setUint32(4, height);
	header[8] = isDeep ? 16 : 8;
	header[9] = COLOR_TYPES[channels];
	const bytes = isDeep ? bigEndian(data) : data;
	const unit = channels * (isDeep ? 2 : 1);
	const rows = filtered(bytes, height, width * unit, unit);
	const parts = [
		Uint8Array.from(SIGNATURE),
		chunk("IHDR", header),
		chunk("IDAT", deflateSync(rows, { level, memLevel: 9 })),
		chunk("IEND", new Uint8Array(0)),
	];
	return new Uint8Array(Buffer.concat(parts));
}

function chunk(name: string, data: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(data.length + 12);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, data.length);
	for (let i = 0; i < 4; i++) bytes[4 + i] = name.charCodeAt(i);
	bytes.set(data, 8);
	view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
	return bytes;
}

function bigEndian(samples: Uint16Array): Uint8Array {
	const bytes = new Uint8Array(samples.length * 2);
	for (let i = 0; i < samples.length; i++) {
		bytes[2 * i] = samples[i] >> 8;
		bytes[2 * i + 1] = samples[i];
	}
	return bytes;
}

/** What a byte is predicted to be from those to the left, above and between (https://www.w3.org/TR/png-3/#9Filters). */
const PREDICTORS: readonly ((
	left: number,
	above: number,
	corner: number,
) => number)[] = [
	() => 0,
	(left) => left,
	(_, above) => above,
	(left, above) => (left + above) >> 1,
	(left, above, corner) => {
		const fromLeft = Math.abs(above - corner);
		const fromAbove = Math.abs(left - corner);
		const fromCorner = Math.abs(left + above - 2 * corner);
		if (fromLeft <= fromAbove && fromLeft <= fromCorner) return left;
		return fromAbove <= fromCorner ? above : corner;
	},
];

/** Each row behind the filter that leaves the smallest sum of differences, as the standard advises. */
function filtered(
	bytes: Uint8Array,
	height: number,
	stride: number,
	unit: number,
): Uint8Array {
	const rows = new Uint8Array(height * (stride + 1));
	const tried = new Uint8Array(stride);
	for (let row = 0; row < height; row++) {
		const from = row * stride;
		const to = row * (stride + 1);
		let least = Infinity;
		for (const [filter, predict] of PREDICTORS.entries()) {
			let sum = 0;
			for (let i = 0; i < stride; i++) {
				const left = i < unit ? 0 : bytes[from + i - unit];
				const above = row === 0 ? 0 : bytes[from + i - stride];
				const corner =
					i < unit || row === 0 ? 0 : bytes[from + i - stride - unit];
				tried[i] = bytes[from + i] - predict(left, above, corner);
				sum += tried[i] < 128 ? tried[i] : 256 - tried[i];
			}
			if (sum >= least) continue;
			least = sum;
			rows[to] = filter;
			rows.set(tried, to + 1);
		}
	}
	return rows;
}
