import { fail, type MlshipError } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import { findBase64 } from "./base64.js";
import { CODE, skipSpace } from "./characters.js";
import { debugText } from "./debug-text.js";
import {
	eachMember,
	type Member,
	memberName,
	misplaced,
	Names,
} from "./members.js";
import { mismatch, prefixed } from "./mismatch.js";
import type {
	ReadTensors,
	RequestSignature,
	RequestTensors,
} from "./request.js";
import { explainRow, pathOf } from "./row-error.js";
import type { Source } from "./source.js";
import {
	finishTensor,
	openReader,
	readInto,
	type TensorReader,
} from "./tensor-reader.js";

/** Whether an instance is an object of named values, and not bytes. */
export function isNamedRow({ bytes }: Source, at: number): boolean {
	return bytes[at] === CODE.OPEN_OBJECT && findBase64(bytes, at) === undefined;
}

/** Reads a list of objects, each with one value an input, from its first one on. */
export function readNamedRows(
	source: Source,
	first: number,
	signature: RequestSignature,
): ReadTensors {
	const { bytes } = source;
	const { inputs } = signature;
	const share = Math.ceil((bytes.length - first) / Math.max(1, inputs.length));
	const rows: NamedRows = {
		signature,
		readers: inputs.map((input) => openReader(input, share, source)),
		names: new Names(inputs.map(({ name }) => name)),
		lastRow: inputs.map(() => -1),
		wanted: [],
	};
	let at = first;
	for (let row = 0; ; row++) {
		if (!isNamedRow(source, at))
			throw fail(
				"INVALID",
				`Expecting object but got list at item ${row} of input list`,
			);
		at = skipSpace(bytes, readNamedRow(source, at, row, rows));
		if (bytes[at] === CODE.CLOSE_LIST)
			return { tensors: finishRows(rows, row + 1), end: at + 1 };
		if (bytes[at] !== CODE.COMMA) throw misplaced(at);
		at = skipSpace(bytes, at + 1);
	}
}

interface NamedRows {
	readonly signature: RequestSignature;
	readonly readers: readonly TensorReader[];
	readonly names: Names;
	/** The last row in which each input was given. */
	readonly lastRow: number[];
	/** The inputs that every row gives: all but those with a default that the first row left out. */
	wanted: readonly TensorReader[];
}

function finishRows({ wanted }: NamedRows, count: number): RequestTensors {
	return Object.fromEntries(
		wanted.map((reader) => [reader.input.name, finishTensor(reader, count)]),
	);
}

function readNamedRow(
	source: Source,
	at: number,
	row: number,
	rows: NamedRows,
): number {
	const { signature, readers, lastRow } = rows;
	let given = 0;
	let isLate = false;
	const end = eachMember(source.bytes, at, rows.names, (member) => {
		const reader = readers[member.index];
		if (reader === undefined)
			throw unknownInput(source, member, row, signature);
		// the first of two members of one name counts
		if (lastRow[member.index] === row) return undefined;
		if (lastRow[member.index] < row - 1) isLate = true;
		lastRow[member.index] = row;
		given++;
		return readRowValue(source, member.valueAt, row, reader, signature);
	});
	if (row === 0) rows.wanted = wantedInputs(rows);
	if (isLate || given < rows.wanted.length)
		throw fail(
			"INVALID",
			`Failed to process element: ${row} of 'instances' list. JSON object: ${debugText(source, at)} keys must be equal to: ${rows.wanted.map(({ input }) => input.name).join(",")}`,
			{ at: { row } },
		);
	return end;
}

function wantedInputs({
	readers,
	lastRow,
	signature: { defaults },
}: NamedRows): TensorReader[] {
	return readers.filter(
		({ input }, i) => lastRow[i] === 0 || !defaults?.has(input.name),
	);
}

function unknownInput(
	{ bytes }: Source,
	{ nameAt }: Member,
	row: number,
	{ key, inputs }: RequestSignature,
): MlshipError {
	const name = memberName(bytes, nameAt);
	const names = inputs.map((input) => input.name);
	const upstream = `Failed to process element: ${row} key: ${name} of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have named input: ${name}`;
	return fail(
		"INVALID",
		`${upstream}; signature "${key}" has ${quoted(nearest(name, names))}`,
		{ at: { row, input: name }, upstream },
	);
}

function readRowValue(
	source: Source,
	at: number,
	row: number,
	reader: TensorReader,
	signature: RequestSignature,
): number {
	const { input, lists } = reader;
	try {
		return readInto(reader, source, at);
	} catch (error) {
		const path = pathOf(error);
		if (path === undefined) throw error;
		const { words, column } = explainRow(source, at, input, {
			sizes: lists.sizes,
			column: path,
		});
		throw mismatch(
			prefixed(
				`Failed to process element: ${row} key: ${input.name} of 'instances' list. Error: `,
				words,
			),
			{ signature, input, row, column },
		);
	}
}
