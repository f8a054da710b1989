import { DTYPES, type DType, type DTypeKind } from "../dtype.js";
import type { TensorData } from "../tensor.js";
import { base64Bytes, findBase64 } from "./base64.js";
import { CODE } from "./characters.js";
import type { InnerList } from "./number.js";
import { NumberColumn } from "./number-column.js";
import type { Source } from "./source.js";
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
export function openColumn(dtype: DType, expected: number): Column {
	return COLUMNS[DTYPES[dtype].kind](dtype, expected);
}

type OpenColumn = (dtype: DType, expected: number) => Column;

const openNumbers: OpenColumn = (dtype, expected) =>
	new NumberColumn(dtype, expected);

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
	handle: (dtype) =>
		listColumn(
			dtype,
			(_source, at) => ~at,
			() => [],
		),
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
