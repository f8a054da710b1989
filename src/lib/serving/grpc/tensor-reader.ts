import { fail } from "../../errors.js";
import { LENGTH_DELIMITED, type WireReader } from "../../formats/wire.js";
import {
	ANY_TENSOR,
	checkBounds,
	type TensorBounds,
} from "../../tensor/bounds.js";
import {
	DTYPES,
	type DType,
	dtypeFromNumber,
	type TypedArray,
} from "../../tensor/dtype.js";
import {
	allocate,
	elementCount,
	MAX_RANK,
	showShape,
	type Tensor,
	tensorFromBytes,
} from "../../tensor/tensor.js";
import { VALUE_FIELDS } from "./tensor-writer.js";

/** What may still be allocated for a request: a few bytes of it can stand for a great many equal elements. */
export interface Budget {
	bytes: number;
	readonly bounds?: TensorBounds | undefined;
}

/**
 * Reads a TensorProto up to the reader's end, in either form: all bytes at once, of which a view is taken where they are
 * aligned, or values, of which too many are dropped and the last one repeats where there are too few (Tensor::FromProto).
 * Nothing is allocated before type and shape are known to stay within the budget.
 * Fails with CORRUPT or INVALID where the message says no tensor, with UNSUPPORTED for types without plain elements.
 */
export function readTensor(reader: WireReader, budget: Budget): Tensor {
	const start = reader.pos;
	const { type, shape, content } = readHead(reader);
	if (type === 0) throw fail("INVALID", "it has no dtype");
	const dtype = dtypeFromNumber(type);
	const { kind, bytes } = DTYPES[dtype];
	if (kind === "handle")
		throw fail("UNSUPPORTED", `type ${dtype} has no plain elements`);
	const count = elementCount(shape);
	checkBounds(shape, count, budget.bounds ?? ANY_TENSOR);
	budget.bytes -= count * (kind === "string" ? STRING_BYTES : bytes);
	if (budget.bytes < 0)
		throw fail(
			"INVALID",
			`shape ${showShape(shape)} of ${dtype} takes more memory than a request may (--max-body)`,
		);
	if (content !== undefined && content.length > 0)
		return kind === "string"
			? { dtype, shape, data: readTexts(content, count) }
			: tensorFromBytes(dtype, shape, content);
	const { end } = reader;
	reader.seek(start, end);
	return kind === "string"
		? { dtype, shape, data: readStrings(reader, count) }
		: readValues(reader, dtype, shape, count);
}

/** Memory that a string takes at least, however short it is. */
const STRING_BYTES = 16;

const DTYPE = (1 << 3) | 0;
const TENSOR_SHAPE = (2 << 3) | LENGTH_DELIMITED;
const TENSOR_CONTENT = (4 << 3) | LENGTH_DELIMITED;
const STRING_VAL = (8 << 3) | LENGTH_DELIMITED;
const INT_VAL_FIELD = 7;

interface Head {
	readonly type: number;
	readonly shape: readonly number[];
	readonly content: Uint8Array | undefined;
}

/** Fields come in any order, so values are passed over until their type is known. */
function readHead(reader: WireReader): Head {
	let type = 0;
	const shape: number[] = [];
	let content: Uint8Array | undefined;
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		if (tag === DTYPE) type = reader.varint32();
		else if (tag === TENSOR_SHAPE) readShape(reader, shape);
		else if (tag === TENSOR_CONTENT) content = reader.bytes();
		else reader.skip(tag & 7, 0);
	}
	return { type, shape, content };
}

const DIM = (2 << 3) | LENGTH_DELIMITED;
const UNKNOWN_RANK = (3 << 3) | 0;
const SIZE = (1 << 3) | 0;

function readShape(reader: WireReader, shape: number[]): void {
	const outer = reader.enter();
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		if (tag === DIM) shape.push(readDim(reader));
		else if (tag === UNKNOWN_RANK) {
			if (reader.bool()) throw fail("INVALID", "its shape is not known");
		} else reader.skip(tag & 7, 0);
		if (shape.length > MAX_RANK)
			throw fail("INVALID", `it has more than ${MAX_RANK} dimensions`);
	}
	reader.leave(outer);
}

function readDim(reader: WireReader): number {
	let size = 0;
	const outer = reader.enter();
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		if (tag === SIZE) size = Number(reader.varint64());
		else reader.skip(tag & 7, 0);
	}
	reader.leave(outer);
	return size;
}

function readValues(
	reader: WireReader,
	dtype: DType,
	shape: readonly number[],
	count: number,
): Tensor {
	const field = VALUE_FIELDS[dtype] ?? INT_VAL_FIELD;
	const { lanes } = DTYPES[dtype];
	const whole = WIRE_TYPES[field] && wholeRun(reader, field, dtype, count);
	if (whole) return tensorFromBytes(dtype, shape, whole);
	const data = allocate(dtype, count) as TypedArray;
	const given = READERS[field](reader, data, field);
	repeatLast(data, given - (given % lanes), lanes);
	return { dtype, shape, data };
}

/** The bytes of all elements, where the first run of values has them all; else the reader stays where it was. */
function wholeRun(
	reader: WireReader,
	field: number,
	dtype: DType,
	count: number,
): Uint8Array | undefined {
	const { pos, end } = reader;
	const wanted = count * DTYPES[dtype].bytes;
	while (reader.pos < end) {
		const tag = reader.varint32();
		if (tag >>> 3 !== field) {
			reader.skip(tag & 7, 0);
			continue;
		}
		if ((tag & 7) === LENGTH_DELIMITED) {
			const bytes = reader.bytes();
			if (bytes.length >= wanted && wanted > 0)
				return bytes.subarray(0, wanted);
		}
		break;
	}
	reader.seek(pos, end);
	return undefined;
}

/** Reads values of a field until the data is full; returns how many there were. */
type ReadField = (
	reader: WireReader,
	data: TypedArray,
	field: number,
) => number;

const floats = readerOf((reader, data, i) => {
	data[i] = reader.float();
});
const doubles = readerOf((reader, data, i) => {
	data[i] = reader.double();
});
const integers = readerOf((reader, data, i) => {
	data[i] = reader.varint32();
});
const longs: ReadField = (reader, data, field) => {
	const words = new Uint32Array(data.buffer);
	return eachValue(reader, field, 0, data.length, (i) => {
		words[2 * i] = reader.varint32();
		words[2 * i + 1] = reader.high32;
	});
};

const READERS: Readonly<Record<number, ReadField>> = {
	5: floats,
	6: doubles,
	[INT_VAL_FIELD]: integers,
	9: floats,
	10: longs,
	11: readerOf((reader, data, i) => {
		data[i] = reader.bool() ? 1 : 0;
	}),
	12: doubles,
	13: integers,
	16: integers,
	17: longs,
};

/** Of the fields whose elements lie in a message as they lie in memory; all others are varints. */
const WIRE_TYPES: Readonly<Partial<Record<number, number>>> = {
	5: 5,
	6: 1,
	9: 5,
	12: 1,
};

function readerOf(
	read: (reader: WireReader, data: Float64Array, i: number) => void,
): ReadField {
	return (reader, data, field) =>
		eachValue(reader, field, WIRE_TYPES[field] ?? 0, data.length, (i) =>
			// whatever the type, numbers are stored as typed arrays convert them: narrower integers keep their low bits
			read(reader, data as Float64Array, i),
		);
}

/** Values may stand alone or in runs, and both in turn. */
function eachValue(
	reader: WireReader,
	field: number,
	wireType: number,
	most: number,
	read: (i: number) => void,
): number {
	let i = 0;
	while (reader.pos < reader.end && i < most) {
		const tag = reader.varint32();
		if (tag >>> 3 !== field) reader.skip(tag & 7, 0);
		else if ((tag & 7) === wireType) read(i++);
		else if ((tag & 7) === LENGTH_DELIMITED) {
			const outer = reader.enter();
			while (reader.pos < reader.end && i < most) read(i++);
			reader.leave(outer);
		} else reader.skip(tag & 7, 0);
	}
	reader.pos = reader.end;
	return i;
}

function repeatLast(data: TypedArray, given: number, lanes: number): void {
	if (given === 0) return;
	for (let i = given; i < data.length; i++) data[i] = data[i - lanes];
}

function readStrings(reader: WireReader, count: number): Uint8Array[] {
	const texts: Uint8Array[] = [];
	while (reader.pos < reader.end && texts.length < count) {
		const tag = reader.varint32();
		if (tag === STRING_VAL) texts.push(reader.bytes());
		else reader.skip(tag & 7, 0);
	}
	reader.pos = reader.end;
	const last = texts.at(-1) ?? new Uint8Array(0);
	while (texts.length < count) texts.push(last);
	return texts;
}

/** All lengths, then all bytes, as they follow one another. */
function readTexts(content: Uint8Array, count: number): Uint8Array[] {
	const broken = () =>
		fail("CORRUPT", `its bytes are not those of ${count} strings`);
	if (count > content.length) throw broken();
	const lengths = new Float64Array(count);
	let offset = 0;
	for (let i = 0; i < count; i++)
		for (let shift = 0; ; shift += 7) {
			const byte = content[offset++];
			if (byte === undefined || shift > 28) throw broken();
			lengths[i] += (byte & 127) * 2 ** shift;
			if (byte < 128) break;
		}
	const texts = new Array<Uint8Array>(count);
	for (let i = 0; i < count; i++) {
		const end = offset + lengths[i];
		if (end > content.length) throw broken();
		texts[i] = content.subarray(offset, end);
		offset = end;
	}
	if (offset !== content.length) throw broken();
	return texts;
}
