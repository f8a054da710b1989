import { fail } from "../../errors.js";
import { CODE, skipSpace } from "./characters.js";
import { debugText } from "./debug-text.js";
import { mismatch, prefixed, severalInputs, wanted } from "./mismatch.js";
import { isNamedRow, readNamedRows } from "./named-rows.js";
import type { ReadTensors, RequestInput, RequestSignature } from "./request.js";
import { explainRow, pathOf } from "./row-error.js";
import type { Source } from "./source.js";
import { documentStart, skipValue } from "./syntax.js";
import {
	finishTensor,
	openReader,
	readInto,
	type TensorReader,
} from "./tensor-reader.js";

/** Reads the value of `instances`: a list of values for the only input, or of objects with one value an input. */
export function readRows(
	source: Source,
	at: number,
	signature: RequestSignature,
): ReadTensors {
	const { bytes } = source;
	const start = documentStart(bytes);
	if (bytes[at] !== CODE.OPEN_LIST)
		throw fail(
			"INVALID",
			`JSON Value: ${debugText(source, start)} Expecting 'instances' to be an list/array`,
		);
	const first = skipSpace(bytes, at + 1);
	if (bytes[first] === CODE.CLOSE_LIST)
		throw fail(
			"INVALID",
			`JSON Value: ${debugText(source, start)} No values in 'instances' array`,
		);
	if (isNamedRow(source, first)) return readNamedRows(source, first, signature);
	if (signature.inputs.length > 1 && !isFedAlone(source, first))
		throw severalInputs(
			"instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map",
			signature,
		);
	return readPlainRows(source, at, signature, signature.inputs[0]);
}

/**
 * Where the first row is bytes, TensorFlow Serving does not ask for how many inputs, and feeds one of them; that the others
 * are missing is said later.
 */
function isFedAlone({ bytes, compat }: Source, first: number): boolean {
	return compat === "strict" && bytes[first] === CODE.OPEN_OBJECT;
}

/** All rows at once, as they are lists of one tensor. */
function readPlainRows(
	source: Source,
	at: number,
	signature: RequestSignature,
	input: RequestInput,
): ReadTensors {
	const reader = openReader(input, source.bytes.length - at, source);
	try {
		const end = readInto(reader, source, at);
		return { tensors: { [input.name]: finishTensor(reader) }, end };
	} catch (error) {
		throw explainPlain(error, source, at, signature, reader);
	}
}

/** Finds the row that an error was met in, and says what TensorFlow Serving says, which reads row by row. */
function explainPlain(
	error: unknown,
	source: Source,
	at: number,
	signature: RequestSignature,
	{ input, lists }: TensorReader,
): unknown {
	const path = pathOf(error);
	if (path === undefined || path === "") return error;
	const row = Number(path.split(",", 1));
	const element = elementAt(source, at, row);
	if (isNamedRow(source, element)) {
		const upstream = `Expecting value/list but got object at item ${row} of input list`;
		return fail("INVALID", `${upstream}; ${wanted(signature, input)}`, {
			upstream,
		});
	}
	const inner = path.split(",").slice(1).join(",");
	const { words, column } = explainRow(source, element, input, {
		sizes: lists.sizes.slice(1),
		column: inner,
	});
	return mismatch(
		prefixed(
			`Failed to process element: ${row} of 'instances' list. Error: `,
			words,
		),
		{ signature, input, row, column },
	);
}

function elementAt({ bytes }: Source, listAt: number, index: number): number {
	let at = skipSpace(bytes, listAt + 1);
	for (let i = 0; i < index; i++)
		at = skipSpace(bytes, skipSpace(bytes, skipValue(bytes, at)) + 1);
	return at;
}
