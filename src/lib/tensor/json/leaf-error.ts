import { type ErrorPlace, fail, type MlshipError } from "../../errors.js";
import { DTYPES, type DType } from "../dtype.js";
import { findBase64 } from "./base64.js";
import { CODE } from "./characters.js";
import { isReadable } from "./column.js";
import { debugText } from "./debug-text.js";
import { INTEGRAL_KINDS, integerRange } from "./integers.js";
import type { Source } from "./source.js";

/** Why the value at `at` is not an element of a type, in TensorFlow Serving's words. */
export function leafError(
	source: Source,
	at: number,
	dtype: DType,
	place: ErrorPlace,
): MlshipError {
	const { bytes, compat } = source;
	const { kind, serving } = DTYPES[dtype];
	const shown = `JSON Value: ${debugText(source, at)}`;
	// upstream looks at objects before it looks at the type
	if (!isReadable(dtype, compat) && bytes[at] !== CODE.OPEN_OBJECT)
		return fail("UNSUPPORTED", `Conversion of ${shown} to type: ${serving}`, {
			at: place,
		});
	if (kind === "string" && bytes[at] === CODE.OPEN_OBJECT)
		return fail(
			"INVALID",
			findBase64(bytes, at) === undefined
				? `${shown} not formatted correctly for base64 data`
				: "Unable to base64 decode",
			{ at: place },
		);
	const upstream = `${shown} Type: ${typeName(bytes[at])} is not of expected type: ${serving}`;
	return fail("INVALID", `${upstream}${rangeText(bytes[at], dtype)}`, {
		at: place,
		upstream,
	});
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
	[CODE.NULL]: "Null",
	[CODE.FALSE]: "False",
	[CODE.TRUE]: "True",
	[CODE.OPEN_OBJECT]: "Object",
	[CODE.OPEN_LIST]: "Array",
	[CODE.QUOTE]: "String",
};

/** rapidjson's name of the kind of value that begins with a character. */
export function typeName(code: number): string {
	return TYPE_NAMES[code] ?? "Number";
}

/** A number that was refused has a fraction, an exponent or too many digits. */
function rangeText(code: number, dtype: DType): string {
	if (typeName(code) !== "Number" || !INTEGRAL_KINDS.has(DTYPES[dtype].kind))
		return "";
	const { min, max } = integerRange(dtype);
	return `, an integer from ${min} to ${max}`;
}
