import { fail } from "../errors.js";
import { quoted } from "../nearest.js";
import { convertTensor } from "./convert.js";
import type { RequestInput, RequestSignature } from "./json/request.js";
import { decodeTensorValue } from "./json/value.js";
import { readNpy } from "./npy.js";
import { readNpz } from "./npz.js";
import type { Shape, Tensor } from "./tensor.js";

export interface FileChoice {
	/** Which array of an archive; needed only where it has several. */
	readonly variable?: string | undefined;
	/** JSON even for an input of strings, which otherwise takes a whole file as one string. */
	readonly isJson?: boolean;
}

/**
 * A tensor for an input of a signature from the bytes of a file: npy, npz or JSON by its first bytes; for an input of
 * strings any other file is one string. Fails with INVALID or CORRUPT.
 */
export function readTensorFile(
	bytes: Uint8Array,
	input: RequestInput,
	signature: RequestSignature,
	{ variable, isJson = false }: FileChoice = {},
): Tensor {
	if (startsWith(bytes, NPY)) return convertTensor(readNpy(bytes), input.dtype);
	if (startsWith(bytes, ZIP))
		return convertTensor(
			arrayOf(readNpz(bytes), variable ?? input.name, variable === undefined),
			input.dtype,
		);
	if (input.dtype === "string" && !isJson) return oneString(bytes, input.shape);
	return decodeTensorValue(bytes, input, signature);
}

/** `\x93NUMPY` (numpy/lib/format.py) and a zip's first entry. */
const NPY = Buffer.from("\x93NUMPY", "latin1");
const ZIP = Buffer.from("PK\x03\x04", "latin1");

function startsWith(bytes: Uint8Array, magic: Uint8Array): boolean {
	return magic.every((byte, i) => bytes[i] === byte);
}

function arrayOf(
	arrays: Readonly<Record<string, Tensor>>,
	name: string,
	isGuess: boolean,
): Tensor {
	const names = Object.keys(arrays);
	if (Object.hasOwn(arrays, name)) return arrays[name];
	if (isGuess && names.length === 1) return arrays[names[0]];
	throw fail(
		isGuess ? "INVALID" : "NOT_FOUND",
		`cannot find array "${name}": the archive has ${quoted(names)}`,
	);
}

/** All dimensions are one, as many as the input has. */
function oneString(bytes: Uint8Array, shape: Shape): Tensor {
	return {
		dtype: "string",
		shape: (shape ?? [1]).map(() => 1),
		data: [bytes],
	};
}
