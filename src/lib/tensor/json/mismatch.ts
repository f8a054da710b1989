import { fail, type MlshipError } from "../../errors.js";
import { quoted } from "../../nearest.js";
import { showShape } from "../tensor.js";
import type { RequestInput, RequestSignature } from "./request.js";

/** Where in a request an error is: the row if the input has rows, and the indices inside it. */
export interface RequestPlace {
	readonly signature: RequestSignature;
	readonly input: RequestInput;
	readonly row?: number;
	readonly column?: string;
}

/** What is wrong: in full, and in TensorFlow Serving's words alone. */
export type Words = Pick<MlshipError, "message" | "upstream">;

/** Words with what TensorFlow Serving puts before them. */
export function prefixed(prefix: string, words: Words): Words {
	return {
		message: `${prefix}${words.message}`,
		upstream: `${prefix}${words.upstream}`,
	};
}

/**
 * TensorFlow Serving's words, then what helps to act: the row and column, and what the signature wants there.
 */
export function mismatch(
	{ message, upstream }: Words,
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
		`${message}; ${where.length === 0 ? "" : `at ${where.join(", ")}: `}${wanted(signature, input)}`,
		{
			upstream,
			at: {
				input: input.name,
				...(row === undefined ? {} : { row }),
				...(column === "" ? {} : { column }),
			},
		},
	);
}

/** A value that could only be that of the one input, where there are more. */
export function severalInputs(
	upstream: string,
	{ key, inputs }: RequestSignature,
): MlshipError {
	return fail(
		"INVALID",
		`${upstream}; signature "${key}" has inputs ${quoted(inputs.map(({ name }) => name))}`,
		{ upstream },
	);
}

/** `signature "serving_default" wants input "x" as float32 of shape [?,2]`. */
export function wanted(
	{ key }: RequestSignature,
	{ name, dtype, shape }: RequestInput,
): string {
	return `signature "${key}" wants input "${name}" as ${dtype} ${shape === undefined ? showShape(shape) : `of shape ${showShape(shape)}`}`;
}
