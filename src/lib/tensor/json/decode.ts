import { fail, type MlshipError } from "../../errors.js";
import { CODE } from "./characters.js";
import { readColumns } from "./columns.js";
import { debugText } from "./debug-text.js";
import { memberPlaces, openDocument, signatureNameAt } from "./document.js";
import { eachMember, Names } from "./members.js";
import { wanted } from "./mismatch.js";
import type {
	PredictRequest,
	ReadTensors,
	RequestFormat,
	RequestSignature,
} from "./request.js";
import { readRows } from "./rows.js";
import { type CodecOptions, openSource, type Source } from "./source.js";
import { documentStart } from "./syntax.js";

/** Finds the signature of a name; of the empty name, the one that is meant by default. */
export type SignatureFor = (signatureName: string) => RequestSignature;

/**
 * Decodes the body of a predict request in TensorFlow Serving's dialect of JSON (json_tensor.cc), its bytes straight into
 * typed arrays. Beyond what upstream takes, and `strict` refuses like it: float16, bfloat16, uint16 and quantized elements as numbers, complex ones as
 * `[re, im]`; 8 and 16 bit integers are checked against their range, which `strict` cuts; a signature without inputs takes `{"inputs": {}}`.
 * Fails with INVALID in upstream's words, followed by row, column and what the signature wants; with what
 * `signatureFor` fails with; and with UNSUPPORTED for resources and variants.
 */
export function decodePredictRequest(
	body: Uint8Array,
	signatureFor: SignatureFor,
	options: CodecOptions = {},
): PredictRequest {
	return (
		readInOnePass(body, signatureFor, options) ??
		readInOrder(body, signatureFor, options)
	);
}

const MEMBERS = ["signature_name", "instances", "inputs"] as const;

type TensorMember = "instances" | "inputs";

/** How each member that holds tensors is read. */
const READERS: Readonly<Record<TensorMember, TensorsReader>> = {
	instances: { format: "row", read: readRows },
	inputs: { format: "columnar", read: readColumns },
};

interface TensorsReader {
	readonly format: RequestFormat;
	read(source: Source, at: number, signature: RequestSignature): ReadTensors;
}

/**
 * Reads tensors where they are met, which is right if the signature is named before them, as in most bodies. Undefined
 * where anything is not as usual.
 */
function readInOnePass(
	body: Uint8Array,
	signatureFor: SignatureFor,
	options: CodecOptions,
): PredictRequest | undefined {
	const source = openSource(body, options);
	if (source === undefined) return undefined;
	const { bytes, compat } = source;
	const start = documentStart(bytes);
	if (bytes[start] !== CODE.OPEN_OBJECT) return undefined;
	let nameAt: number | undefined;
	let request: PredictRequest | undefined;
	let usual = true;
	try {
		eachMember(bytes, start, new Names(MEMBERS), ({ index, valueAt }) => {
			const member = MEMBERS[index];
			if (member === undefined) return undefined;
			if (request !== undefined) usual = false;
			if (member === "signature_name") nameAt ??= valueAt;
			if (member === "signature_name" || !usual) return undefined;
			const signatureName = signatureNameAt(source, nameAt);
			const signature = signatureFor(signatureName);
			usual = compat !== "strict" || signature.inputs.length > 0;
			if (!usual) return undefined;
			const { tensors, end } = readMember(source, member, valueAt, {
				signature,
				signatureName,
			});
			request = { signatureName, format: READERS[member].format, tensors };
			return end;
		});
	} catch {
		// which of several errors counts is found by reading in order
		return undefined;
	}
	return usual ? request : undefined;
}

/** Reads as TensorFlow Serving does: syntax first, then names, then tensors. */
function readInOrder(
	body: Uint8Array,
	signatureFor: SignatureFor,
	options: CodecOptions,
): PredictRequest {
	const document = openDocument(body, options);
	const { source, start } = document;
	const places = memberPlaces(document, MEMBERS);
	const signatureName = signatureNameAt(source, places.signature_name);
	const signature = signatureFor(signatureName);
	if (source.compat === "strict" && signature.inputs.length === 0)
		throw noInputs(signatureName);
	const member = tensorMember(source, start, places, signature);
	const at = places[member] ?? start;
	const { tensors } = readMember(source, member, at, {
		signature,
		signatureName,
	});
	return { signatureName, format: READERS[member].format, tensors };
}

type Places = Partial<Record<(typeof MEMBERS)[number], number>>;

/** The one member that holds the tensors. */
function tensorMember(
	source: Source,
	start: number,
	{ instances, inputs }: Places,
	signature: RequestSignature,
): TensorMember {
	if (instances !== undefined && inputs !== undefined)
		throw fail(
			"INVALID",
			`JSON Value: ${debugText(source, start)} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist `,
		);
	if (instances !== undefined) return "instances";
	if (inputs !== undefined) return "inputs";
	const upstream = "Missing 'inputs' or 'instances' key";
	const ports = signature.inputs.map((input) => wanted(signature, input));
	throw fail(
		"INVALID",
		[upstream, ...(ports.length > 0 ? ports : [SEND_NOTHING])].join("; "),
		{ upstream },
	);
}

interface Asked {
	readonly signature: RequestSignature;
	readonly signatureName: string;
}

function readMember(
	source: Source,
	member: TensorMember,
	at: number,
	{ signature, signatureName }: Asked,
): ReadTensors {
	// a row format has no rows without inputs; a columnar one just has no columns
	if (signature.inputs.length === 0 && member === "instances")
		throw noInputs(signatureName);
	return READERS[member].read(source, at, signature);
}

const SEND_NOTHING = 'send {"inputs": {}} to a signature without inputs';

function noInputs(signatureName: string): MlshipError {
	const upstream = `Failed to get input map for signature: ${signatureName === "" ? "DEFAULT" : signatureName}`;
	return fail("INVALID", `${upstream}; ${SEND_NOTHING}`, { upstream });
}
