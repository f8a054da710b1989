import { type ErrorPlace, fail, type MlshipError } from "../../errors.js";
import { DTYPES, type DType } from "../dtype.js";
import { findBase64 } from "./base64.js";
import { CODE } from "./characters.js";
import { debugText } from "./debug-text.js";
import { INTEGRAL_KINDS, integerRange } from "./integers.js";

/** Why the value at `at` is not an element of a type, in TensorFlow Serving's words. */
export function leafError(
	bytes: Uint8Array,
	at: number,
	dtype: DType,
	place: ErrorPlace,
): MlshipError {
	const { kind, serving } = DTYPES[dtype];
	const shown = `JSON Value: ${debugText(bytes, at)}`;
	if (kind === "handle")
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
	return fail(
		"INVALID",
		`${shown} Type: ${typeName(bytes[at])} is not of expected type: ${serving}${rangeText(bytes[at], dtype)}`,
		{ at: place },
	);
}

/** rapidjson's names of the kinds of values, by their first character. */
const TYPE_NAMES: Readonly<Record<number, string>> = {
	[CODE.NULL]: "Null",
	[CODE.FALSE]: "False",
	[CODE.TRUE]: "True",
	[CODE.OPEN_OBJECT]: "Object",
	[CODE.OPEN_LIST]: "Array",
	[CODE.QUOTE]: "String",
};

function typeName(code: number): string {
	return TYPE_NAMES[code] ?? "Number";
}

/** A number that was refused has a fraction, an exponent or too many digits. */
function rangeText(code: number, dtype: DType): string {
	if (typeName(code) !== "Number" || !INTEGRAL_KINDS.has(DTYPES[dtype].kind))
		return "";
	const { min, max } = integerRange(dtype);
	return `, an integer from ${min} to ${max}`;
}
