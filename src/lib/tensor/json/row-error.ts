import { asMlshipError, ERROR_CODES, fail, MlshipError } from "../../errors.js";
import { prefixed, type Words } from "./mismatch.js";
import type { RequestInput } from "./request.js";
import type { Source } from "./source.js";
import { openReader, readInto } from "./tensor-reader.js";

/** What was met where rows were read together: the sizes that the first row has, and the indices in this one. */
export interface RowMet {
	readonly sizes: readonly number[];
	readonly column: string;
}

/** TensorFlow Serving's words for what is wrong with a row, and the indices where it is. */
export interface RowError {
	readonly words: Words;
	readonly column: string;
}

/** A row is either wrong in itself, or unlike the first one: in its number of elements, or only in its shape. */
export function explainRow(
	source: Source,
	at: number,
	input: RequestInput,
	{ sizes, column }: RowMet,
): RowError {
	const { column: elements, lists } = openReader(input, 0, source);
	try {
		readInto({ column: elements, lists }, source, at);
	} catch (error) {
		return { words: statusWords(error), column: pathOf(error) ?? "" };
	}
	const size = sizes.reduce((product, length) => product * length, 1);
	const message =
		size === elements.count
			? `Expecting shape ${listText(sizes)} but got: ${listText(lists.sizes)}`
			: `Expecting tensor size: ${size} but got: ${elements.count}`;
	return { words: statusWords(fail("INVALID", message)), column };
}

function listText(sizes: readonly number[]): string {
	return `[${sizes.join(",")}]`;
}

/** A status as absl writes it. */
function statusWords(error: unknown): Words {
	const known = asMlshipError(error);
	return prefixed(`${ERROR_CODES[known.code].grpc}: `, known);
}

/** The indices that the reader of lists left in an error of its own. */
export function pathOf(error: unknown): string | undefined {
	const path = error instanceof MlshipError ? error.at?.path : undefined;
	return path === undefined ? undefined : String(path);
}
