import { fail, type MlshipError } from "../../errors.js";
import { readFloat, readInt32, readInt64 } from "../../formats/number-text.js";
import {
	boolAttr,
	bytesAttr,
	dtypesAttr,
	intsAttr,
} from "../../graph/attrs.js";
import type { DType } from "../../tensor/dtype.js";
import { allocate, type Tensor } from "../../tensor/tensor.js";
import { byteText } from "../byte-text.js";
import type { HostKernel } from "../kernel.js";

/** Lines of comma-separated values into one tensor a column (RFC 4180; core/kernels/decode_csv_op.cc). */
export const decodeCsv: HostKernel = (node, [records, ...defaults]) => {
	const types = dtypesAttr(node, "OUT_TYPE");
	const dialect: Dialect = {
		delimiter: byteText(bytesAttr(node, "field_delim")),
		hasQuotes: boolAttr(node, "use_quote_delim"),
		selected: intsAttr(node, "select_cols"),
	};
	const missing = byteText(bytesAttr(node, "na_value"));
	const columns = types.map((dtype) => allocate(dtype, records.data.length));
	const lines = records.data as readonly Uint8Array[];
	for (const [row, line] of lines.entries()) {
		const fields = split(byteText(line), dialect, row);
		if (fields.length !== types.length)
			throw broken(
				row,
				`it has ${fields.length} fields, the model wants ${types.length}`,
			);
		for (const [i, field] of fields.entries())
			(columns[i] as Element[])[row] =
				field === "" || field === missing
					? defaultOf(defaults[i], i, row)
					: parsed(field, types[i], i, row);
	}
	return columns.map((data, i) => ({
		dtype: types[i],
		shape: records.shape,
		data,
	}));
};

type Element = number | bigint | Uint8Array;

interface Dialect {
	/** One character. */
	readonly delimiter: string;
	readonly hasQuotes: boolean;
	/** The columns that are wanted, in order; none for all. */
	readonly selected: readonly number[];
}

function split(
	line: string,
	{ delimiter, hasQuotes, selected }: Dialect,
	row: number,
): string[] {
	const fields: string[] = [];
	const wants = (index: number) =>
		selected.length === 0 || selected[fields.length] === index;
	let index = 0;
	for (let at = 0; at < line.length; ) {
		if (line[at] === "\n" || line[at] === "\r") {
			at++;
			continue;
		}
		const isQuoted = hasQuotes && line[at] === '"';
		const [field, next] = isQuoted
			? quoted(line, at + 1, delimiter, row)
			: plain(line, at, delimiter, hasQuotes, row);
		if (wants(index)) fields.push(field);
		at = next;
		index++;
		if (selected.length > 0 && fields.length === selected.length) return fields;
	}
	if (line.endsWith(delimiter) && wants(index)) fields.push("");
	return fields;
}

/** The field that starts here, and where the next one does. */
function plain(
	line: string,
	start: number,
	delimiter: string,
	hasQuotes: boolean,
	row: number,
): readonly [string, number] {
	const found = line.indexOf(delimiter, start);
	const end = found < 0 ? line.length : found;
	const field = line.slice(start, end);
	if ((hasQuotes && field.includes('"')) || /[\r\n]/.test(field))
		throw broken(row, "a field without quotes has a quote or a line break");
	return [field, end + 1];
}

function quoted(
	line: string,
	start: number,
	delimiter: string,
	row: number,
): readonly [string, number] {
	let field = "";
	for (let at = start; ; ) {
		const quote = line.indexOf('"', at);
		if (quote < 0) throw broken(row, "a quoted field has no end");
		field += line.slice(at, quote);
		const next = line[quote + 1];
		if (next === undefined || next === delimiter) return [field, quote + 2];
		if (next !== '"')
			throw broken(row, "a quote in a quoted field is not doubled");
		field += '"';
		at = quote + 2;
	}
}

function defaultOf({ data }: Tensor, field: number, row: number): Element {
	if (data.length === 1) return data[0];
	throw broken(row, `field ${field} is required and missing`);
}

const PARSERS: Readonly<
	Partial<Record<DType, (text: string) => Element | undefined>>
> = {
	string: (text) => Buffer.from(text, "latin1"),
	int32: readInt32,
	int64: readInt64,
	float32: readFloat,
	float64: readFloat,
};

function parsed(
	text: string,
	dtype: DType,
	field: number,
	row: number,
): Element {
	const value = PARSERS[dtype]?.(text);
	if (value !== undefined) return value;
	throw broken(row, `field ${field} is no ${dtype}: "${text}"`);
}

function broken(row: number, reason: string): MlshipError {
	return fail("INVALID", `cannot read CSV record ${row}: ${reason}`);
}
