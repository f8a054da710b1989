import { fail, type MlshipError } from "../../errors.js";
import { showShape } from "../tensor.js";
import type { RequestInput, RequestSignature } from "./request.js";

/** Where in a request an error is: the row if the input has rows, and the indices inside it. */
export interface RequestPlace {
	readonly signature: RequestSignature;
	readonly input: RequestInput;
	readonly row?: number;
	readonly column?: string;
}

/**
 * TensorFlow Serving's words, then what helps to act: the row and column, and what the signature wants there.
 */
export function mismatch(
	words: string,
	{ signature, input, row, column = "" }: RequestPlace,
	code: "INVALID" | "UNSUPPORTED" = "INVALID",
): MlshipError {
	const where = [
		row === undefined ? "" : `row ${row}`,
		column === ""
			? ""
			: `column ${column.includes(",") ? `[${column}]` : column}`,
	].filter((part) => part !== "");
	return fail(
		code,
		`${words}; ${where.length === 0 ? "" : `at ${where.join(", ")}: `}${wanted(signature, input)}`,
		{
			at: {
				input: input.name,
				...(row === undefined ? {} : { row }),
				...(column === "" ? {} : { column }),
			},
		},
	);
}

/** `signature "serving_default" wants input "x" as float32 of shape [?,2]`. */
export function wanted(
	{ key }: RequestSignature,
	{ name, dtype, shape }: RequestInput,
): string {
	return `signature "${key}" wants input "${name}" as ${dtype} ${shape === undefined ? showShape(shape) : `of shape ${showShape(shape)}`}`;
}
