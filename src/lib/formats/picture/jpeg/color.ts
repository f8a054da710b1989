import { broken } from "./frame.js";

/** What the components of a file are. */
export type ColorSpace = "grey" | "ycc" | "rgb" | "cmyk" | "ycck";

export interface ColorMarkers {
	readonly isJfif: boolean;
	/** The transform that an Adobe segment tells. */
	readonly adobe: number | undefined;
}

/** As libjpeg guesses (jdapimin.c, default_decompress_parms). */
export function colorSpace(
	ids: readonly number[],
	{ isJfif, adobe }: ColorMarkers,
): ColorSpace {
	if (ids.length === 1) return "grey";
	if (ids.length === 3) {
		if (isJfif) return "ycc";
		if (adobe !== undefined) return adobe === 0 ? "rgb" : "ycc";
		return String.fromCharCode(...ids) === "RGB" ? "rgb" : "ycc";
	}
	if (ids.length === 4)
		return adobe === undefined || adobe === 0 ? "cmyk" : "ycck";
	throw broken(`it has ${ids.length} components`);
}

/** Writes `count` pixels of samples `a`, `b`, `c`, `d` to `out` from `to`. */
export type RowConverter = (
	rows: readonly Uint8ClampedArray[],
	from: number,
	count: number,
	out: Uint8ClampedArray,
	to: number,
) => void;

/** How samples become `channels` of grey or colour. Fails with CORRUPT where libjpeg has no such conversion. */
export function rowConverter(
	space: ColorSpace,
	channels: 1 | 3,
	isInverted: boolean,
): RowConverter {
	if (channels === 1) {
		if (space === "grey" || space === "ycc") return copied;
		if (space === "rgb") return greyOfRgb;
		throw broken(`its color space is ${space}, of which grey is not made`);
	}
	if (space === "cmyk" || space === "ycck")
		return printed(space === "ycck", isInverted);
	return { grey: greyToRgb, ycc: yccToRgb, rgb: together }[space];
}

const copied: RowConverter = ([row], from, count, out, to) => {
	out.set(row.subarray(from, from + count), to);
};

const greyToRgb: RowConverter = ([row], from, count, out, to) => {
	for (let x = from, at = to; x < from + count; x++, at += 3)
		out.fill(row[x], at, at + 3);
};

const together: RowConverter = ([red, green, blue], from, count, out, to) => {
	for (let x = from, at = to; x < from + count; x++, at += 3) {
		out[at] = red[x];
		out[at + 1] = green[x];
		out[at + 2] = blue[x];
	}
};

/** ITU-R BT.601 over the whole range, with 16 bits of fraction (JFIF 1.02). */
const yccToRgb: RowConverter = (
	[luma, blueness, redness],
	from,
	count,
	out,
	to,
) => {
	for (let x = from, at = to; x < from + count; x++, at += 3) {
		const y = luma[x];
		const cb = blueness[x] - 128;
		const cr = redness[x] - 128;
		out[at] = y + ((91881 * cr + 32768) >> 16);
		out[at + 1] = y + ((-22554 * cb - 46802 * cr + 32768) >> 16);
		out[at + 2] = y + ((116130 * cb + 32768) >> 16);
	}
};

const greyOfRgb: RowConverter = ([red, green, blue], from, count, out, to) => {
	for (let i = 0; i < count; i++) {
		const x = from + i;
		out[to + i] =
			(19595 * red[x] + 38470 * green[x] + 7471 * blue[x] + 32768) >> 16;
	}
};

/** Inks over white as TensorFlow mixes them (core/lib/jpeg/jpeg_mem.cc); Adobe stores how much light they leave. */
function printed(isYcck: boolean, isInverted: boolean): RowConverter {
	return (rows, from, count, out, to) => {
		const inks = new Uint8ClampedArray(3 * count);
		(isYcck ? yccToRgb : together)(rows, from, count, inks, 0);
		for (let i = 0; i < 3 * count; i++) {
			const ink = isYcck ? 255 - inks[i] : inks[i];
			const black = rows[3][from + Math.floor(i / 3)];
			out[to + i] = isInverted
				? Math.floor((black * ink) / 255)
				: Math.floor(((255 - black) * (255 - ink)) / 255);
		}
	};
}
