import { fail } from "../errors.js";
import { DTYPES, type DType } from "./dtype.js";
import { fromBfloat16 } from "./half.js";
import {
	elementCount,
	type Tensor,
	tensorBytes,
	tensorFromBytes,
} from "./tensor.js";
import { transpose } from "./transpose.js";

/** numpy's type codes (numpy/lib/format.py, array interface); strings are apart. bfloat16 has none and is written as float32. */
const TYPE_CODES: Readonly<Record<string, DType>> = {
	f4: "float32",
	f8: "float64",
	f2: "float16",
	i1: "int8",
	i2: "int16",
	i4: "int32",
	i8: "int64",
	u1: "uint8",
	u2: "uint16",
	u4: "uint32",
	u8: "uint64",
	b1: "bool",
	c8: "complex64",
	c16: "complex128",
};

const CODES: Readonly<Partial<Record<DType, string>>> = Object.fromEntries(
	Object.entries(TYPE_CODES).map(([code, dtype]) => [dtype, code]),
);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Reads numpy's array file, versions 1 to 3, either byte order and either order of axes. Fails with CORRUPT where the
 * bytes break the format, with UNSUPPORTED for arrays of Python objects and records.
 */
export function readNpy(bytes: Uint8Array): Tensor {
	const { descr, isFortran, shape, offset } = readHeader(bytes);
	const body = bytes.subarray(offset);
	const stored = isFortran ? shape.toReversed() : shape;
	const tensor =
		descr.kind === "string"
			? readStrings(body, descr, stored)
			: readNumbers(body, descr, stored);
	return isFortran
		? transpose(
				tensor,
				shape.map((_, axis) => shape.length - 1 - axis),
			)
		: tensor;
}

/** Writes version 1.0. Strings become `S`, padded with zero bytes to the longest. */
export function writeNpy(tensor: Tensor): Uint8Array {
	const { descr, body } = encoded(tensor);
	const shape =
		tensor.shape.length === 1
			? `(${tensor.shape[0]},)`
			: `(${tensor.shape.join(", ")})`;
	const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
	// the header ends with a newline, at a multiple of 64 bytes
	const length = Math.ceil((MAGIC.length + 4 + dict.length + 1) / 64) * 64;
	const header = new TextEncoder().encode(
		`${dict.padEnd(length - MAGIC.length - 5)}\n`,
	);
	const result = new Uint8Array(length + body.length);
	result.set([...MAGIC, 1, 0, header.length & 0xff, header.length >> 8]);
	result.set(header, MAGIC.length + 4);
	result.set(body, length);
	return result;
}

interface NumberDescr {
	readonly kind: "number";
	readonly dtype: DType;
	readonly isBigEndian: boolean;
}

interface StringDescr {
	readonly kind: "string";
	/** Bytes of each element. */
	readonly width: number;
	readonly isText: boolean;
	readonly isBigEndian: boolean;
}

interface Header {
	readonly descr: NumberDescr | StringDescr;
	readonly isFortran: boolean;
	readonly shape: readonly number[];
	readonly offset: number;
}

function readHeader(bytes: Uint8Array): Header {
	if (MAGIC.some((byte, i) => bytes[i] !== byte))
		throw fail(
			"CORRUPT",
			"cannot read the npy file: it does not start with \\x93NUMPY",
		);
	const isLong = bytes[6] >= 2;
	const start = isLong ? 12 : 10;
	if (bytes.length < start)
		throw fail(
			"CORRUPT",
			`cannot read the npy file: it ends after ${bytes.length} bytes, inside its header`,
		);
	const length = isLong
		? new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)
		: bytes[8] | (bytes[9] << 8);
	if (start + length > bytes.length)
		throw fail(
			"CORRUPT",
			`cannot read the npy file: its header takes ${length} bytes, ${bytes.length - start} are there`,
		);
	const text = new TextDecoder().decode(bytes.subarray(start, start + length));
	const [, descr] = /'descr':\s*'([^']*)'/.exec(text) ?? [];
	const [, fortran] = /'fortran_order':\s*(True|False)/.exec(text) ?? [];
	const [, sizes] = /'shape':\s*\(([\d\s,]*)\)/.exec(text) ?? [];
	if (descr === undefined || fortran === undefined || sizes === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot read the npy file: its header is ${text.trim()}, wanted one plain type, an order and a shape`,
		);
	const shape = sizes
		.split(",")
		.flatMap((size) => (size.trim() === "" ? [] : [Number(size)]));
	return {
		descr: parseDescr(descr),
		isFortran: fortran === "True",
		shape,
		offset: start + length,
	};
}

function parseDescr(descr: string): NumberDescr | StringDescr {
	const isBigEndian = descr.startsWith(">");
	const code = descr.replace(/^[<>|=]/, "");
	const dtype = TYPE_CODES[code];
	if (dtype !== undefined) return { kind: "number", dtype, isBigEndian };
	const [, letter, size] = /^([SU])(\d+)$/.exec(code) ?? [];
	if (letter === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot read an npy file of type "${descr}": mlship reads ${Object.keys(TYPE_CODES).join(", ")}, S and U`,
		);
	return {
		kind: "string",
		width: Number(size) * (letter === "U" ? 4 : 1),
		isText: letter === "U",
		isBigEndian,
	};
}

function readNumbers(
	body: Uint8Array,
	{ dtype, isBigEndian }: NumberDescr,
	shape: readonly number[],
): Tensor {
	const size = elementCount(shape) * DTYPES[dtype].bytes;
	if (body.length < size)
		throw fail(
			"CORRUPT",
			`cannot read the npy file: its ${elementCount(shape)} elements take ${size} bytes, ${body.length} are there`,
		);
	const raw = body.subarray(0, size);
	return tensorFromBytes(
		dtype,
		shape,
		isBigEndian ? swapped(raw, DTYPES[dtype].bytes / DTYPES[dtype].lanes) : raw,
	);
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
	const result = new Uint8Array(bytes.length);
	for (let i = 0; i < bytes.length; i++)
		result[i] = bytes[i - (i % width) + width - 1 - (i % width)];
	return result;
}

function readStrings(
	body: Uint8Array,
	{ width, isText, isBigEndian }: StringDescr,
	shape: readonly number[],
): Tensor {
	const count = elementCount(shape);
	if (width === 0 ? count > 2 ** 24 : count * width > body.length)
		throw fail(
			"CORRUPT",
			`cannot read the npy file: ${count} strings of ${width} bytes each, ${body.length} bytes are there`,
		);
	const data = Array.from({ length: count }, (_, i) => {
		const bytes = body.subarray(i * width, (i + 1) * width);
		return isText ? utf8(bytes, isBigEndian) : withoutPadding(bytes);
	});
	return { dtype: "string", shape, data };
}

/** numpy pads with zero bytes, and cannot tell them from a string's own. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
	return bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1);
}

/** `U` holds UTF-32. */
function utf8(bytes: Uint8Array, isBigEndian: boolean): Uint8Array {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const points: number[] = [];
	for (let i = 0; i < bytes.length; i += 4) {
		const point = view.getUint32(i, !isBigEndian);
		if (point > 0x10ffff)
			throw fail(
				"CORRUPT",
				`cannot read the npy file: ${point} is no character`,
			);
		points.push(point);
	}
	const end = points.findLastIndex((point) => point !== 0) + 1;
	return new TextEncoder().encode(
		points
			.slice(0, end)
			.map((point) => String.fromCodePoint(point))
			.join(""),
	);
}

function encoded(tensor: Tensor): {
	readonly descr: string;
	readonly body: Uint8Array;
} {
	const { dtype, data, shape } = tensor;
	if (!ArrayBuffer.isView(data)) return encodedStrings(data);
	if (dtype === "bfloat16")
		return encoded({
			dtype: "float32",
			shape,
			data: fromBfloat16(data as Uint16Array),
		});
	const code = CODES[dtype];
	if (code === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot write an npy file of ${dtype}: numpy has no such type`,
		);
	const order = DTYPES[dtype].bytes === 1 ? "|" : "<";
	return { descr: `${order}${code}`, body: tensorBytes(tensor) };
}

function encodedStrings(strings: readonly Uint8Array[]): {
	readonly descr: string;
	readonly body: Uint8Array;
} {
	const width = strings.reduce(
		(longest, { length }) => Math.max(longest, length),
		1,
	);
	const body = new Uint8Array(strings.length * width);
	for (const [i, string] of strings.entries()) body.set(string, i * width);
	return { descr: `|S${width}`, body };
}
