import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { fail } from "../../errors.js";
import { base64Bytes, findBase64 } from "../../tensor/json/base64.js";
import { CODE, skipSpace } from "../../tensor/json/characters.js";
import { typeName } from "../../tensor/json/leaf-error.js";
import { eachMember, memberName, Names } from "../../tensor/json/members.js";
import { isInteger, numberOf } from "../../tensor/json/number.js";
import {
	latin1,
	skipNumber,
	skipString,
	skipValue,
} from "../../tensor/json/syntax.js";
import { stringBytes } from "../../tensor/json/text.js";

/**
 * The serialized `tf.Example` of a JSON object, each member a feature: integers and booleans are an int64_list, other
 * numbers a float_list, strings and `{"b64": …}` a bytes_list (json_tensor.cc, MakeExampleFromJsonObject). Integers of the
 * features that `floats` names are floats. Fails with INVALID in upstream's words.
 */
export function readExample(
	bytes: Uint8Array,
	at: number,
	floats: ReadonlySet<string>,
): Uint8Array {
	if (bytes[at] !== CODE.OPEN_OBJECT)
		throw fail(
			"INVALID",
			`Example must be JSON object but got JSON ${typeName(bytes[at])}`,
		);
	const features = new Map<string, Uint8Array>();
	eachMember(bytes, at, NO_NAMES, ({ nameAt, valueAt }) => {
		const name = memberName(bytes, nameAt);
		const isFloat = floats.has(name);
		features.set(name, readFeature(bytes, valueAt, { name, isFloat }));
		return undefined;
	});
	return exampleBytes(features);
}

const NO_NAMES = new Names([]);

interface Wanted {
	readonly name: string;
	/** Integers are floats too. */
	readonly isFloat: boolean;
}

/** A list, or one element; of a kind that the first element decides. */
function readFeature(
	bytes: Uint8Array,
	start: number,
	wanted: Wanted,
): Uint8Array {
	const isList = bytes[start] === CODE.OPEN_LIST;
	let at = isList ? skipSpace(bytes, start + 1) : start;
	let kind: Kind | undefined;
	const values: Value[] = [];
	while (bytes[at] !== CODE.CLOSE_LIST || !isList) {
		const element = elementAt(bytes, at, wanted);
		kind ??= element.kind;
		if (kind !== element.kind)
			throw fail(
				"INVALID",
				`Unexpected element type in feature: ${wanted.name} expecting type: ${kind}`,
			);
		values.push(element.value(bytes, at));
		if (!isList) break;
		at = skipSpace(bytes, skipValue(bytes, at));
		if (bytes[at] === CODE.COMMA) at = skipSpace(bytes, at + 1);
	}
	return kind === undefined ? NO_BYTES : featureBytes(kind, values);
}

const NO_BYTES = new Uint8Array(0);

type Kind = "bytes" | "float" | "int64";

type Value = Uint8Array | number | bigint;

/** What an element is, and how to read it, which may fail: that it does not go with the others is said first. */
interface Element {
	readonly kind: Kind;
	value(bytes: Uint8Array, at: number): Value;
}

function elementAt(bytes: Uint8Array, at: number, wanted: Wanted): Element {
	const type = typeName(bytes[at]);
	if (type === "Number") return numberElement(bytes, at, wanted);
	if (findBase64(bytes, at) !== undefined)
		return { kind: "bytes", value: base64Value };
	if (Object.hasOwn(ELEMENTS, type)) return ELEMENTS[type];
	throw fail(
		"INVALID",
		`Feature: ${wanted.name} has element with unexpected JSON type: ${type}`,
	);
}

const ELEMENTS: Readonly<Record<string, Element>> = {
	True: { kind: "int64", value: () => 1n },
	False: { kind: "int64", value: () => 0n },
	String: {
		kind: "bytes",
		value: (bytes, at) => stringBytes(bytes, at, skipString(bytes, at)),
	},
};

function base64Value(bytes: Uint8Array, at: number): Uint8Array {
	const place = findBase64(bytes, at);
	const decoded = place && base64Bytes(bytes, place);
	if (decoded === undefined) throw fail("INVALID", "Unable to base64 decode");
	return decoded;
}

/** An integer is what has no point and no exponent and fits 64 bits, signed or not. */
function numberElement(
	bytes: Uint8Array,
	at: number,
	{ name, isFloat }: Wanted,
): Element {
	const token = latin1(bytes, at, skipNumber(bytes, at));
	if (isFloat || !isInteger(token))
		return { kind: "float", value: () => numberOf(token) };
	return {
		kind: "int64",
		value: () => {
			const value = BigInt(token);
			if (value > MAX_INT64)
				throw fail(
					"INVALID",
					`Feature: ${name} has uint64_t element. Only int64_t is supported.`,
				);
			return value;
		},
	};
}

const MAX_INT64 = 2n ** 63n - 1n;

type Writer = BinaryWriter;

/** Fields of the messages of example.proto and feature.proto. */
const KINDS: Readonly<
	Record<
		Kind,
		{ readonly field: number; put(writer: Writer, values: Value[]): void }
	>
> = {
	bytes: {
		field: 1,
		put: (writer, values) => {
			for (const value of values)
				writer.tag(1, WireType.LengthDelimited).bytes(value as Uint8Array);
		},
	},
	float: {
		field: 2,
		put: (writer, values) => {
			writer.tag(1, WireType.LengthDelimited).fork();
			for (const value of values) writer.float(Math.fround(value as number));
			writer.join();
		},
	},
	int64: {
		field: 3,
		put: (writer, values) => {
			writer.tag(1, WireType.LengthDelimited).fork();
			for (const value of values) writer.int64(value as bigint);
			writer.join();
		},
	},
};

function featureBytes(kind: Kind, values: Value[]): Uint8Array {
	const { field, put } = KINDS[kind];
	const writer = new BinaryWriter().tag(field, WireType.LengthDelimited).fork();
	put(writer, values);
	return writer.join().finish();
}

/** Example { features { feature { key, value } } } */
function exampleBytes(features: ReadonlyMap<string, Uint8Array>): Uint8Array {
	const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).fork();
	for (const [key, value] of features) {
		writer.tag(1, WireType.LengthDelimited).fork();
		writer.tag(1, WireType.LengthDelimited).string(key);
		writer.tag(2, WireType.LengthDelimited).bytes(value).join();
	}
	return writer.join().finish();
}
