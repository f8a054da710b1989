import { MlshipError } from "../../errors.js";
import { quoted } from "../../nearest.js";
import type { Tensor } from "../tensor.js";
import { findBase64 } from "./base64.js";
import { CODE } from "./characters.js";
import { eachMember, memberName, Names } from "./members.js";
import { mismatch, severalInputs } from "./mismatch.js";
import type { ReadTensors, RequestInput, RequestSignature } from "./request.js";
import { pathOf } from "./row-error.js";
import type { Source } from "./source.js";
import { finishTensor, openReader, readInto } from "./tensor-reader.js";

/** Reads the value of `inputs`: an object of whole tensors, or the tensor of the only input. */
export function readColumns(
	source: Source,
	at: number,
	signature: RequestSignature,
): ReadTensors {
	const { bytes } = source;
	const { inputs } = signature;
	if (bytes[at] === CODE.OPEN_OBJECT && findBase64(bytes, at) === undefined)
		return readNamedColumns(source, at, signature);
	if (inputs.length !== 1)
		throw severalInputs(
			"inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map",
			signature,
		);
	const { tensor, end } = readTensor(source, at, inputs[0], signature);
	return { tensors: { [inputs[0].name]: tensor }, end };
}

/** Names that the signature lacks are skipped, as TensorFlow Serving does. */
function readNamedColumns(
	source: Source,
	at: number,
	signature: RequestSignature,
): ReadTensors {
	const { inputs, defaults } = signature;
	const names = new Names(inputs.map(({ name }) => name));
	const tensors = new Map<string, Tensor>();
	const others: number[] = [];
	const end = eachMember(
		source.bytes,
		at,
		names,
		({ index, nameAt, valueAt }) => {
			if (index < 0) others.push(nameAt);
			const input = inputs[index];
			if (input === undefined || tensors.has(input.name)) return undefined;
			const read = readTensor(source, valueAt, input, signature);
			tensors.set(input.name, read.tensor);
			return read.end;
		},
	);
	const missing = inputs.find(
		({ name }) => !tensors.has(name) && !defaults?.has(name),
	);
	if (missing !== undefined) {
		const upstream = `Missing named input: ${missing.name} in 'inputs' object.`;
		const given = others
			.slice(0, 5)
			.map((nameAt) => memberName(source.bytes, nameAt));
		const message =
			given.length === 0 ? upstream : `${upstream} It has ${quoted(given)}`;
		throw mismatch({ message, upstream }, { signature, input: missing });
	}
	return { tensors: Object.fromEntries(tensors), end };
}

function readTensor(
	source: Source,
	at: number,
	input: RequestInput,
	signature: RequestSignature,
): { tensor: Tensor; end: number } {
	const reader = openReader(input, source.bytes.length - at, source);
	try {
		const end = readInto(reader, source, at);
		return { tensor: finishTensor(reader), end };
	} catch (error) {
		const path = pathOf(error);
		if (!(error instanceof MlshipError) || path === undefined) throw error;
		const [row, ...column] = path.split(",");
		throw mismatch(
			error,
			{
				signature,
				input,
				...(path === "" ? {} : { row: Number(row), column: column.join(",") }),
			},
			error.code === "UNSUPPORTED" ? "UNSUPPORTED" : "INVALID",
		);
	}
}
