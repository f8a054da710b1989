import type {
	MetaGraphDef,
	SignatureDef,
	TensorInfo,
} from "../../gen/saved_model_pb.js";
import type { TensorProto, TensorShapeProto } from "../../gen/tensor_pb.js";
import { fail } from "../errors.js";
import { nearest, quoted } from "../nearest.js";
import {
	type DType,
	dataTypeName,
	dtypeFromNumber,
	isDTypeNumber,
} from "../tensor/dtype.js";
import type { Shape } from "../tensor/tensor.js";

/** One way to call a model: names for people on the outside, names of tensors of the graph on the inside. */
export interface Signature {
	/** `serving_default`. */
	readonly key: string;
	/** `tensorflow/serving/predict`, and what else the exporter wrote; may be empty. */
	readonly methodName: string;
	/** Sorted by name. */
	readonly inputs: readonly SignaturePort[];
	readonly outputs: readonly SignaturePort[];
	/** Values of inputs that a caller may leave out, by name (TensorFlow 2.13 and later). */
	readonly defaults: ReadonlyMap<string, TensorProto>;
}

export interface SignaturePort {
	readonly name: string;
	/** `serving_default_x:0`: a node and the index of its output. */
	readonly tensorName: string;
	readonly dtype: DType;
	readonly shape: Shape;
}

/** The signature that is meant when none is named (tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY). */
export const DEFAULT_SIGNATURE = "serving_default";

/** Not a way to call the model but the name of its initializer (saved_model/constants.py, INIT_OP_SIGNATURE_KEY). */
export const INIT_SIGNATURE = "__saved_model_init_op";

/** The keys that a caller may name, sorted; whether mlship can use them is another question. */
export function signatureKeys(metaGraph: MetaGraphDef): string[] {
	return Object.keys(metaGraph.signatureDef)
		.filter((key) => key !== INIT_SIGNATURE)
		.sort(byBytes);
}

/** Every signature whose inputs and outputs are plain tensors of a known type, sorted by key. */
export function listSignatures(metaGraph: MetaGraphDef): Signature[] {
	return signatureKeys(metaGraph)
		.filter((key) => oddity(metaGraph.signatureDef[key]) === undefined)
		.map((key) => toSignature(key, metaGraph.signatureDef[key]));
}

/**
 * The signature of a key. Fails with NOT_FOUND and the nearest keys, or with UNSUPPORTED where an input or output is not
 * a plain tensor of a known type.
 */
export function findSignature(
	metaGraph: MetaGraphDef,
	key: string = DEFAULT_SIGNATURE,
): Signature {
	requireKey(key, signatureKeys(metaGraph));
	const odd = oddity(metaGraph.signatureDef[key]);
	if (odd !== undefined)
		throw fail("UNSUPPORTED", `cannot use signature "${key}": ${odd}`, {
			at: { signature: key },
		});
	return toSignature(key, metaGraph.signatureDef[key]);
}

/** Fails with NOT_FOUND and the nearest keys where `key` is not among them. */
export function requireKey(key: string, keys: readonly string[]): void {
	if (keys.includes(key)) return;
	const offer =
		keys.length === 0
			? "the model has none"
			: `nearest are ${quoted(nearest(key, keys))}`;
	throw fail("NOT_FOUND", `cannot find signature "${key}": ${offer}`, {
		at: { signature: key },
	});
}

/** A declared shape; a missing one is of unknown rank, as TensorFlow reads it. */
export function shapeFromProto(proto: TensorShapeProto | undefined): Shape {
	if (proto === undefined || proto.unknownRank) return undefined;
	return proto.dim.map(({ size }) => (size < 0n ? -1 : Number(size)));
}

/** Orders names as Python does, by code point. */
export function byBytes(a: string, b: string): number {
	return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function toSignature(key: string, definition: SignatureDef): Signature {
	return {
		key,
		methodName: definition.methodName,
		inputs: ports(definition.inputs),
		outputs: ports(definition.outputs),
		defaults: new Map(Object.entries(definition.defaults)),
	};
}

function ports(infos: Readonly<Record<string, TensorInfo>>): SignaturePort[] {
	return Object.entries(infos)
		.sort(([a], [b]) => byBytes(a, b))
		.map(([name, info]) => ({
			name,
			tensorName: String(info.encoding.value),
			dtype: dtypeFromNumber(info.dtype),
			shape: shapeFromProto(info.tensorShape),
		}));
}

/** Why a signature cannot be used; undefined if it can. */
function oddity({ inputs, outputs }: SignatureDef): string | undefined {
	return firstOddPort("input", inputs) ?? firstOddPort("output", outputs);
}

function firstOddPort(
	side: string,
	infos: Readonly<Record<string, TensorInfo>>,
): string | undefined {
	for (const [name, { encoding, dtype }] of Object.entries(infos)) {
		const kind = ENCODINGS[encoding.case ?? "none"];
		if (kind !== undefined) return `its ${side} "${name}" ${kind}`;
		if (encoding.value === "") return `its ${side} "${name}" names no tensor`;
		if (!isDTypeNumber(dtype))
			return `its ${side} "${name}" has element type ${dataTypeName(dtype)}`;
	}
	return undefined;
}

/** What keeps an encoding of `TensorInfo` from being a plain tensor. */
const ENCODINGS: Readonly<Record<string, string>> = {
	cooSparse: "is a sparse tensor",
	compositeTensor: "is a composite tensor",
	none: "names no tensor",
};
