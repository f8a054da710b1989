import { fail } from "../../../errors.js";
import { checkSize } from "../picture.js";

export interface Component {
	readonly id: number;
	/** Samples across and down for each smallest unit of the picture. */
	readonly h: number;
	readonly v: number;
	readonly tableId: number;
	/** Blocks that hold samples of the picture, and those that are stored: whole units. */
	readonly blocksAcross: number;
	readonly blocksDown: number;
	readonly storedAcross: number;
	/** 64 a block, row after row of blocks, in natural order. */
	readonly coefficients: Int16Array;
	/** Steps of the coefficients, in natural order; set when the first scan begins. */
	steps?: Uint16Array;
}

export interface Frame {
	readonly width: number;
	readonly height: number;
	readonly isProgressive: boolean;
	readonly components: readonly Component[];
	readonly maxH: number;
	readonly maxV: number;
	readonly unitsAcross: number;
	readonly unitsDown: number;
}

interface FrameHeader {
	readonly width: number;
	readonly height: number;
	/** Id, h, v, table of each. */
	readonly components: readonly (readonly [number, number, number, number])[];
}

const BLOCK = 8;

/** Below this, memory is no question. */
const FEW_BLOCKS = 100_000;

/** Reads a start-of-frame segment (ITU-T T.81, B.2.2). Fails with CORRUPT. */
export function readFrameHeader(segment: Uint8Array): FrameHeader {
	const [precision, heightHigh, heightLow, widthHigh, widthLow, count] =
		segment;
	if (segment.length < 6 || segment.length !== 6 + 3 * count)
		throw broken(
			`its frame has ${segment.length} bytes for ${count} components`,
		);
	if (precision !== 8)
		throw broken(`its samples have ${precision} bits, 8 are wanted`);
	const width = 256 * widthHigh + widthLow;
	const height = 256 * heightHigh + heightLow;
	checkSize("JPEG", width, height);
	const components = Array.from({ length: count }, (_, i) => {
		const [id, factors, table] = segment.subarray(6 + 3 * i);
		const [h, v] = [factors >> 4, factors & 15];
		if (h < 1 || h > 4 || v < 1 || v > 4 || table > 3)
			throw broken(`component ${i} is sampled ${h}×${v}`);
		return [id, h, v, table] as const;
	});
	if (count < 1 || count > 4) throw broken(`it has ${count} components`);
	return { width, height, components };
}

/** The frame with room for its coefficients; `bytes` is how long the file is, which bounds them. Fails with CORRUPT. */
export function makeFrame(
	{ width, height, components }: FrameHeader,
	isProgressive: boolean,
	bytes: number,
): Frame {
	const maxH = Math.max(...components.map(([, h]) => h));
	const maxV = Math.max(...components.map(([, , v]) => v));
	const unitsAcross = Math.ceil(width / (BLOCK * maxH));
	const unitsDown = Math.ceil(height / (BLOCK * maxV));
	const blocks = components.reduce(
		(sum, [, h, v]) => sum + unitsAcross * h * unitsDown * v,
		0,
	);
	// a block takes a bit or more; half of the file may be lost
	if (blocks > FEW_BLOCKS && blocks > 16 * bytes)
		throw broken(`it has ${width}×${height} pixels in ${bytes} bytes`);
	return {
		width,
		height,
		isProgressive,
		maxH,
		maxV,
		unitsAcross,
		unitsDown,
		components: components.map(([id, h, v, tableId]) => ({
			id,
			h,
			v,
			tableId,
			blocksAcross: Math.ceil((width * h) / (maxH * BLOCK)),
			blocksDown: Math.ceil((height * v) / (maxV * BLOCK)),
			storedAcross: unitsAcross * h,
			coefficients: new Int16Array(
				unitsAcross * h * unitsDown * v * BLOCK * BLOCK,
			),
		})),
	};
}

export function broken(found: string) {
	return fail("CORRUPT", `cannot read the JPEG: ${found}`);
}
