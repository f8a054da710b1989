import { DTYPES, type DType, type DTypeKind } from "../dtype.js";
import type { TensorData } from "../tensor.js";
import { base64Bytes, findBase64 } from "./base64.js";
import { CODE } from "./characters.js";
import type { InnerList } from "./number.js";
import { NumberColumn } from "./number-column.js";
import type { Compat, Source } from "./source.js";
import { skipString } from "./syntax.js";
import { stringBytes } from "./text.js";

/** The elements of one tensor as they are read, in order. */
export interface Column {
	readonly dtype: DType;
	/** How many elements were read. */
	readonly count: number;
	/**
	 * Reads the element at `at` and, if it likes, those that follow it, and tells the list how many. Returns the offset
	 * behind, or `~offset` of a value that is not an element of this type.
	 */
	read(source: Source, at: number, list: InnerList): number;
	finish(): TensorData;
}

/** `expected` is how many elements will probably come; a wrong guess costs a copy. */
export function openColumn(
	dtype: DType,
	expected: number,
	compat: Compat,
): Column {
	return isReadable(dtype, compat)
		? COLUMNS[DTYPES[dtype].kind](dtype, expected, compat)
		: unreadable(dtype);
}

/** Whether elements of a type are read at all. */
export function isReadable(dtype: DType, compat: Compat): boolean {
	return compat === "strict"
		? UPSTREAM_TYPES.has(dtype)
		: DTYPES[dtype].kind !== "handle";
}

/** json_tensor.cc, AddValueToTensor */
const UPSTREAM_TYPES: ReadonlySet<DType> = new Set([
	"float32",
	"float64",
	"int32",
	"int16",
	"int8",
	"uint8",
	"string",
	"int64",
	"bool",
	"uint32",
	"uint64",
]);

type OpenColumn = (dtype: DType, expected: number, compat: Compat) => Column;

const openNumbers: OpenColumn = (dtype, expected, compat) =>
	new NumberColumn(dtype, expected, compat);

const unreadable = (dtype: DType): Column =>
	listColumn(
		dtype,
		(_source, at) => ~at,
		() => [],
	);

const COLUMNS: Readonly<Record<DTypeKind, OpenColumn>> = {
	float: openNumbers,
	half: openNumbers,
	complex: openNumbers,
	int: openNumbers,
	bigint: openNumbers,
	quantized: openNumbers,
	bool: (dtype) =>
		listColumn(dtype, readBoolean, (items) => Uint8Array.from(items)),
	string: (dtype) => listColumn(dtype, readString, (items) => items),
	handle: unreadable,
};

type ReadLeaf<T> = (source: Source, at: number, items: T[]) => number;

/** Elements that are read one by one. */
function listColumn<T>(
	dtype: DType,
	readLeaf: ReadLeaf<T>,
	pack: (items: T[]) => TensorData,
): Column {
	const items: T[] = [];
	return {
		dtype,
		get count() {
			return items.length;
		},
		read: (source, at, list) => {
			const end = readLeaf(source, at, items);
			if (end >= 0) list.left--;
			return end;
		},
		finish: () => pack(items),
	};
}

const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");

function readBoolean({ bytes }: Source, at: number, items: number[]): number {
	if (startsWith(bytes, at, TRUE)) {
		items.push(1);
		return at + TRUE.length;
	}
	if (startsWith(bytes, at, FALSE)) {
		items.push(0);
		return at + FALSE.length;
	}
	return ~at;
}

function startsWith(bytes: Buffer, at: number, word: Buffer): boolean {
	for (let i = 0; i < word.length; i++)
		if (bytes[at + i] !== word[i]) return false;
	return true;
}

function readString(
	{ bytes }: Source,
	at: number,
	items: Uint8Array[],
): number {
	if (bytes[at] === CODE.QUOTE) {
		const end = skipString(bytes, at);
		items.push(stringBytes(bytes, at, end));
		return end;
	}
	const place = findBase64(bytes, at);
	const decoded = place === undefined ? undefined : base64Bytes(bytes, place);
	if (place === undefined || decoded === undefined) return ~at;
	items.push(decoded);
	return place.objectEnd;
}
