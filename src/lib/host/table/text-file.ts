import { isAbsolute, relative, resolve } from "node:path";
import { fail, type MlshipError } from "../../errors.js";
import { readWhole } from "../../formats/file.js";
import { readFloat, readInt32, readInt64 } from "../../formats/number-text.js";
import { intAttr, stringAttr } from "../../graph/attrs.js";
import { ASSETS_ATTR } from "../../graph/initializer.js";
import type { Node } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import { allocate, type Tensor } from "../../tensor/tensor.js";
import { byteText } from "../byte-text.js";
import { type HostRow, step } from "../kernel.js";
import { itemOf, tensorOf } from "../value.js";
import { Table } from "./table.js";

/** Fills a table from the lines of a file. */
const fromTextFile: HostRow = step((node, [handle, filename]) => {
	const table = itemOf(handle, Table);
	const { keys, values } = readTextTable(node, tensorOf(filename), table.type);
	table.import(keys, values);
	return [];
});

interface TableType {
	readonly keyDtype: DType;
	readonly valueDtype: DType;
}

/**
 * What a file fills a table with: a key and a value a line, each a column of it, the whole line or the line's number
 * (core/kernels/lookup_util.cc, TextFileLineIterator). Fails with INVALID where it is no asset of the model, or broken.
 */
export function readTextTable(
	node: Node,
	filename: Tensor,
	{ keyDtype, valueDtype }: TableType,
): { readonly keys: Tensor; readonly values: Tensor } {
	const [name] = filename.data as readonly Uint8Array[];
	const path = assetPath(node, Buffer.from(name ?? []).toString("utf8"));
	const lines = readLines(path, intAttr(node, "vocab_size"));
	const cells = { path, lines, node };
	return {
		keys: readColumn(cells, intAttr(node, "key_index"), keyDtype),
		values: readColumn(cells, intAttr(node, "value_index"), valueDtype),
	};
}

export const textFileRows = {
	InitializeTableFromTextFile: fromTextFile,
	InitializeTableFromTextFileV2: fromTextFile,
} as const;

/** No vocabulary comes near. */
const MAX_BYTES = 2 ** 30;

const WHOLE_LINE = -2;
const LINE_NUMBER = -1;

function assetPath(node: Node, name: string): string {
	const folder = node.attrs[ASSETS_ATTR];
	const path = resolve(name);
	const inside =
		typeof folder === "string" ? relative(folder, path) : undefined;
	if (
		inside === undefined ||
		inside === "" ||
		inside.startsWith("..") ||
		isAbsolute(inside)
	)
		throw fail(
			"INVALID",
			`cannot fill a table from ${name}: it is not in the folder assets of the model`,
			{ hint: "export the model with its vocabulary as an asset" },
		);
	return path;
}

/** The first `count` lines, or all for -1, without their ends. */
function readLines(path: string, count: number): readonly Uint8Array[] {
	const bytes = readWhole(path, MAX_BYTES);
	const lines: Uint8Array[] = [];
	for (let at = 0; at < bytes.length && lines.length !== count; ) {
		const newline = bytes.indexOf(NEWLINE, at);
		const end = newline < 0 ? bytes.length : newline;
		const last = end > at && bytes[end - 1] === RETURN ? end - 1 : end;
		if (last === at) throw broken(path, `line ${lines.length + 1} is empty`);
		lines.push(bytes.subarray(at, last));
		at = end + 1;
	}
	if (lines.length === 0) throw broken(path, "it has no lines");
	if (count >= 0 && lines.length < count)
		throw broken(
			path,
			`it has ${lines.length} lines, the model wants ${count}`,
		);
	return lines;
}

const NEWLINE = 10;
const RETURN = 13;

interface Cells {
	readonly path: string;
	readonly lines: readonly Uint8Array[];
	readonly node: Node;
}

/** One element a line. */
function readColumn(
	{ path, lines, node }: Cells,
	column: number,
	dtype: DType,
): Tensor {
	const shape = [lines.length];
	if (column === LINE_NUMBER) {
		if (dtype !== "int64")
			throw broken(path, `line numbers are int64, the table wants ${dtype}`);
		const offset = BigInt(intAttr(node, "offset"));
		const data = BigInt64Array.from(lines, (_, i) => BigInt(i) + offset);
		return { dtype, shape, data };
	}
	const fields =
		column === WHOLE_LINE
			? lines
			: lines.map((line, i) => field(line, delimiterOf(node), column, path, i));
	if (dtype === "string") return { dtype, shape, data: fields };
	return { dtype, shape, data: parsed(fields, dtype, path) };
}

function delimiterOf(node: Node): number {
	return stringAttr(node, "delimiter").charCodeAt(0);
}

function field(
	line: Uint8Array,
	delimiter: number,
	column: number,
	path: string,
	index: number,
): Uint8Array {
	let start = 0;
	for (let i = 0; i < column; i++) {
		const end = line.indexOf(delimiter, start);
		if (end < 0)
			throw broken(
				path,
				`line ${index + 1} has ${i + 1} columns, the model wants at least ${column + 1}`,
			);
		start = end + 1;
	}
	const end = line.indexOf(delimiter, start);
	return line.subarray(start, end < 0 ? line.length : end);
}

const PARSERS: Readonly<
	Partial<Record<DType, (text: string) => number | bigint | undefined>>
> = {
	int32: readInt32,
	int64: readInt64,
	float32: readFloat,
	float64: readFloat,
};

function parsed(
	fields: readonly Uint8Array[],
	dtype: DType,
	path: string,
): Tensor["data"] {
	const parse = PARSERS[dtype];
	if (parse === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot fill a table of ${dtype} from ${path}: TensorFlow reads text, integers and floats`,
		);
	const data = allocate(dtype, fields.length) as (number | bigint)[] &
		Tensor["data"];
	for (const [i, bytes] of fields.entries()) {
		const text = byteText(bytes);
		const value = parse(text);
		if (value === undefined)
			throw broken(path, `"${text}" in line ${i + 1} is no ${dtype}`);
		data[i] = value;
	}
	return data;
}

function broken(path: string, reason: string): MlshipError {
	return fail("INVALID", `cannot fill a table from ${path}: ${reason}`, {
		at: { file: path },
	});
}
