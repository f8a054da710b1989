import { isUtf8 } from "node:buffer";
import { fail, type MlshipError } from "../../errors.js";
import type { Tensor } from "../tensor.js";
import { ByteWriter } from "./byte-writer.js";
import { isReadable } from "./column.js";
import { unwritable } from "./element-text.js";
import { COMPACT, type Layout, LINES, lineBreak, ONE_LINE } from "./layout.js";
import {
	type ListText,
	openListText,
	putItems,
	putLists,
} from "./list-text.js";
import type { RequestFormat, RequestTensors } from "./request.js";
import type { CodecOptions } from "./source.js";
import { putString } from "./string-text.js";

type Entries = readonly (readonly [name: string, tensor: Tensor])[];

/**
 * The body of the answer to a predict request, byte for byte as TensorFlow Serving writes it (json_tensor.cc,
 * MakeJsonFromTensors): `predictions` for the row format, `outputs` for the columnar one, several outputs in the order
 * given. Elements that upstream cannot write, and `strict` refuses like it, look as in a request: halves like floats, complex numbers as `[re, im]`.
 * Fails with INVALID where the outputs are no rows of one batch.
 */
export function encodePredictResponse(
	format: RequestFormat,
	outputs: RequestTensors,
	{ compat = "default" }: CodecOptions = {},
): Uint8Array {
	const entries = Object.entries(outputs);
	if (entries.length === 0)
		throw fail("INVALID", "Cannot convert empty tensor map to JSON");
	const batch = format === "row" ? batchOf(entries) : undefined;
	for (const [, { dtype, data }] of entries)
		if (data.length > 0 && !isReadable(dtype, compat)) throw unwritable(dtype);
	return batch === undefined
		? encodeColumns(entries)
		: encodeRows(entries, batch);
}

/** `{"outputs":{NAME:…}}` on one line, the batch first; strings that are no UTF-8 are `{"b64":…}`. */
export function encodeOutputsJson(outputs: RequestTensors): Uint8Array {
	const entries = Object.entries(outputs);
	const writer = openWriter(entries);
	writer.putText('{"outputs":');
	putObject(
		writer,
		entries,
		(name, tensor) => isBytes(name) || !isText(tensor),
	);
	writer.putText("}");
	return writer.finish();
}

/** A predict body in the columnar format, on one line; all strings are `{"b64":…}`. */
export function encodePredictRequest(
	signatureName: string,
	inputs: RequestTensors,
): Uint8Array {
	const entries = Object.entries(inputs);
	const writer = openWriter(entries);
	writer.putText('{"signature_name":');
	putString(writer, Buffer.from(signatureName));
	writer.putText(',"inputs":');
	putObject(writer, entries, () => true);
	writer.putText("}");
	return writer.finish();
}

function putObject(
	writer: ByteWriter,
	entries: Entries,
	isBase64: (name: string, tensor: Tensor) => boolean,
): void {
	writer.putText("{");
	for (const [i, [name, tensor]] of entries.entries()) {
		if (i > 0) writer.putText(",");
		putString(writer, Buffer.from(name));
		writer.putText(":");
		const asBase64 = isBase64(name, tensor);
		putLists(writer, openListText(tensor, COMPACT, { asBase64 }), 0, 0, 0);
	}
	writer.putText("}");
}

function encodeRows(entries: Entries, batch: number): Uint8Array {
	const writer = openWriter(entries);
	writer.putText("{");
	putKey(writer, 1, "predictions");
	writer.putText("[");
	const texts = entries.map((entry) => openText(entry, ONE_LINE));
	if (entries.length === 1) putItems(writer, texts[0], 0, 0, 2);
	else
		for (let row = 0; row < batch; row++) putRow(writer, entries, texts, row);
	if (batch > 0) writer.put(lineBreak(1));
	writer.putText("]");
	writer.put(lineBreak(0));
	writer.putText("}");
	return writer.finish();
}

/** The common size of the first dimension. */
function batchOf(entries: Entries): number {
	let batch: number | undefined;
	for (const [name, { shape }] of entries) {
		if (shape.length === 0)
			throw noRows(
				name,
				`Tensor name: ${name} has no shape information `,
				"a scalar is no row, ",
			);
		if (batch !== undefined && shape[0] !== batch)
			throw noRows(
				name,
				`Tensor name: ${name} has inconsistent batch size: ${shape[0]} expecting: ${batch}`,
			);
		batch = shape[0];
	}
	return batch ?? 0;
}

function noRows(output: string, upstream: string, reason = ""): MlshipError {
	return fail(
		"INVALID",
		`${upstream}; ${reason}ask with "inputs" instead of "instances"`,
		{ at: { output }, upstream },
	);
}

function putRow(
	writer: ByteWriter,
	entries: Entries,
	texts: readonly ListText[],
	row: number,
): void {
	if (row > 0) writer.putText(",");
	writer.put(lineBreak(2));
	writer.putText("{");
	for (const [i, text] of texts.entries()) {
		if (i > 0) writer.putText(",");
		putKey(writer, 3, entries[i][0]);
		putLists(writer, text, 1, row * text.strides[0], 3);
	}
	writer.put(lineBreak(2));
	writer.putText("}");
}

function encodeColumns(entries: Entries): Uint8Array {
	const writer = openWriter(entries);
	writer.putText("{");
	putKey(writer, 1, "outputs");
	if (entries.length === 1)
		putLists(writer, openText(entries[0], LINES), 0, 0, 1);
	else {
		writer.putText("{");
		for (const [i, entry] of entries.entries()) {
			if (i > 0) writer.putText(",");
			putKey(writer, 2, entry[0]);
			putLists(writer, openText(entry, LINES), 0, 0, 2);
		}
		writer.put(lineBreak(1));
		writer.putText("}");
	}
	writer.put(lineBreak(0));
	writer.putText("}");
	return writer.finish();
}

function openText([name, tensor]: Entries[number], layout: Layout): ListText {
	return openListText(tensor, layout, { asBase64: isBytes(name) });
}

/** TensorFlow Serving's rule for outputs of strings that are bytes. */
function isBytes(name: string): boolean {
	return name.endsWith("_bytes");
}

function isText({ data }: Tensor): boolean {
	return ArrayBuffer.isView(data) || data.every((bytes) => isUtf8(bytes));
}

function putKey(writer: ByteWriter, level: number, name: string): void {
	writer.put(lineBreak(level));
	putString(writer, Buffer.from(name));
	writer.putText(": ");
}

/** About as long as floats are, with what separates them. */
const BYTES_AN_ELEMENT = 14;

function openWriter(entries: Entries): ByteWriter {
	const elements = entries.reduce((sum, [, { data }]) => sum + data.length, 0);
	return new ByteWriter(256 + elements * BYTES_AN_ELEMENT);
}
