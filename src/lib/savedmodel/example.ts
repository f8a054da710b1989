import { fail } from "../errors.js";
import { DTYPES, type DTypeKind } from "../tensor/dtype.js";
import { elementCount } from "../tensor/tensor.js";
import {
	DEFAULT_SIGNATURE,
	type Signature,
	type SignaturePort,
} from "./signature.js";

/** A request body of TensorFlow Serving's predict route that fits a signature, made up but for its names, types and shapes. */
export interface ExampleRequest {
	readonly signature: string;
	/** Row where every input and output has a batch dimension, else columnar. */
	readonly format: "row" | "columnar";
	/** JSON, on one line. */
	readonly body: string;
}

/** Fails with UNSUPPORTED for inputs that JSON cannot carry. */
export function exampleRequest(signature: Signature): ExampleRequest {
	const { key, inputs, outputs } = signature;
	for (const input of inputs) {
		const why = whyNoJson(input);
		if (why !== undefined)
			throw fail(
				"UNSUPPORTED",
				`cannot make a request for signature "${key}": its input "${input.name}" ${why}`,
				{ at: { signature: key, input: input.name } },
			);
	}
	const isRow =
		inputs.length > 0 && inputs.every(hasBatch) && makeRows(outputs);
	const content = isRow
		? { instances: [rowOf(inputs)] }
		: { inputs: columnsOf(inputs) };
	const named = key === DEFAULT_SIGNATURE ? {} : { signature_name: key };
	return {
		signature: key,
		format: isRow ? "row" : "columnar",
		body: JSON.stringify({ ...named, ...content }),
	};
}

type Json = number | boolean | string | { readonly b64: string } | Json[];

/** One element of each kind; a kind without has no form in JSON. */
const VALUES: Partial<Record<DTypeKind, Json>> = {
	float: 0.5,
	half: 0.5,
	int: 1,
	bigint: 1,
	bool: true,
	string: "text",
};

/** A body of some 20 MB; whoever has more sends files. */
const MAX_ELEMENTS = 2 ** 22;

function whyNoJson(port: SignaturePort): string | undefined {
	if (VALUES[DTYPES[port.dtype].kind] === undefined)
		return `is ${port.dtype}, which JSON cannot carry`;
	const count = elementCount(writtenShape(port).filter((size) => size > 0));
	return count > MAX_ELEMENTS ? `has ${count} elements` : undefined;
}

/** What an unknown dimension is taken to be: enough of a sequence to see its order. */
const LENGTH = 4;

/** Of a batch of pictures: enough to outlive a few poolings. */
const PICTURE_SIZE = 32;
const PICTURE_RANK = 4;

function hasBatch({ shape }: SignaturePort): boolean {
	return shape !== undefined && shape.length > 0 && shape[0] < 0;
}

/** Rows are answered only where all outputs have as many; an output of unknown rank may. */
function makeRows(outputs: readonly SignaturePort[]): boolean {
	const counts = outputs.map(({ shape }) => (shape ? shape[0] : -1));
	return counts.every((count) => count !== undefined && count === counts[0]);
}

/** The only input stands without its name. */
function rowOf(inputs: readonly SignaturePort[]): unknown {
	if (inputs.length === 1) return filled(inputs[0], 1);
	return Object.fromEntries(
		inputs.map((input) => [input.name, filled(input, 1)]),
	);
}

function columnsOf(inputs: readonly SignaturePort[]): unknown {
	return Object.fromEntries(
		inputs.map((input) => [input.name, filled(input, 0)]),
	);
}

/** Nested lists of one value; the first `skip` dimensions are left to the caller. */
function filled(port: SignaturePort, skip: number): Json {
	const { name, dtype } = port;
	const value = isBytes(name, dtype)
		? { b64: PICTURE }
		: (VALUES[DTYPES[dtype].kind] ?? 0);
	return writtenShape(port)
		.slice(skip)
		.reduceRight<Json>(
			(inner, size) => Array.from({ length: size }, () => inner),
			value,
		);
}

function exampleShape({ shape }: SignaturePort): number[] {
	const unknown = shape?.length === PICTURE_RANK ? PICTURE_SIZE : LENGTH;
	return (shape ?? [1]).map((size, axis) => {
		if (size >= 0) return size;
		return axis === 0 ? 1 : unknown;
	});
}

/** Behind an empty list there is nothing to write, however large the dimensions are. */
function writtenShape(port: SignaturePort): number[] {
	const shape = exampleShape(port);
	const empty = shape.indexOf(0);
	return empty < 0 ? shape : shape.slice(0, empty + 1);
}

/** Names that people give to strings that are no text. */
function isBytes(name: string, dtype: string): boolean {
	return dtype === "string" && /(?:_bytes|image|jpe?g|png)$/i.test(name);
}

/** A PNG of one grey pixel. */
const PICTURE =
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";
