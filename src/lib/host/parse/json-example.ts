import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { asMlshipError, fail } from "../../errors.js";
import type { HostKernel } from "../kernel.js";

/** tf.Example messages in the JSON form of protocol buffers into their binary form (protobuf.dev, ProtoJSON). */
export const decodeJsonExample: HostKernel = (_, [{ shape, data }]) => [
	{
		dtype: "string",
		shape,
		data: (data as readonly Uint8Array[]).map((bytes, i, all) => {
			try {
				return written(bytes);
			} catch (error) {
				const { message } = asMlshipError(error);
				throw fail(
					"INVALID",
					`cannot decode JSON example ${i} of ${all.length}: ${error instanceof SyntaxError ? error.message : message}`,
					{ cause: error },
				);
			}
		}),
	},
];

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
	readonly [name: string]: Json;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** Strings, and integers that a number may not hold. */
const LONG_INTEGERS = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

function written(bytes: Uint8Array): Uint8Array {
	const text = UTF8.decode(bytes).replace(LONG_INTEGERS, (found) =>
		found.startsWith('"') ? found : `"${found}"`,
	);
	const writer = new BinaryWriter();
	const example = fieldsOf(JSON.parse(text) as Json, ["features"]);
	if (example.features !== undefined)
		nested(writer, 1, () => writeFeatures(writer, example.features));
	return writer.finish();
}

function writeFeatures(writer: BinaryWriter, features: Json): void {
	const { feature = {} } = fieldsOf(features, ["feature"]);
	for (const [key, value] of Object.entries(objectOf(feature)))
		nested(writer, 1, () => {
			writer.tag(1, WireType.LengthDelimited).string(key);
			nested(writer, 2, () => writeFeature(writer, value));
		});
}

/** A kind of Feature: the number of its field, and how its list is written; as upstream's converter, without packing. */
const KINDS: Readonly<
	Record<
		string,
		readonly [number, (writer: BinaryWriter, values: readonly Json[]) => void]
	>
> = {
	bytesList: [
		1,
		(writer, values) => {
			for (const value of values)
				writer.tag(1, WireType.LengthDelimited).bytes(base64(value));
		},
	],
	floatList: [
		2,
		(writer, values) => {
			for (const value of values)
				writer.tag(1, WireType.Bit32).float(float(value));
		},
	],
	int64List: [
		3,
		(writer, values) => {
			for (const value of values)
				writer.tag(1, WireType.Varint).int64(integer(value));
		},
	],
};

function writeFeature(writer: BinaryWriter, feature: Json): void {
	const kinds = fieldsOf(feature, Object.keys(KINDS));
	for (const [name, list] of Object.entries(kinds)) {
		const [field, write] = KINDS[name];
		const { value = [] } = fieldsOf(list, ["value"]);
		if (!Array.isArray(value)) throw unlike(value, "a list of values");
		nested(writer, field, () => write(writer, value));
	}
}

function nested(writer: BinaryWriter, field: number, write: () => void): void {
	writer.tag(field, WireType.LengthDelimited).fork();
	write();
	writer.join();
}

/** The members of an object under their JSON names; the names of the .proto file are allowed, null is left out. */
function fieldsOf(
	value: Json,
	names: readonly string[],
): Readonly<Record<string, Json>> {
	const fields: Record<string, Json> = {};
	for (const [given, member] of Object.entries(objectOf(value))) {
		const name = given.replace(/_([a-z])/g, (_, letter: string) =>
			letter.toUpperCase(),
		);
		if (!names.includes(name))
			throw fail(
				"INVALID",
				`it has a member "${given}", wanted ${names.join(", ")}`,
			);
		if (member !== null) fields[name] = member;
	}
	return fields;
}

function objectOf(value: Json): JsonObject {
	if (typeof value === "object" && value !== null && !Array.isArray(value))
		return value as JsonObject;
	throw unlike(value, "an object");
}

function base64(value: Json): Uint8Array {
	if (typeof value !== "string" || !/^[\w+/-]*={0,2}$/.test(value))
		throw unlike(value, "base64");
	return Buffer.from(value, "base64");
}

function float(value: Json): number {
	const isNumber =
		typeof value === "number" ||
		(typeof value === "string" &&
			/^(-?Infinity|NaN|-?[\d.]+([eE][+-]?\d+)?)$/.test(value));
	const number = isNumber ? Number(value) : Number.NaN;
	if (Number.isNaN(number) && value !== "NaN") throw unlike(value, "a number");
	return number;
}

function integer(value: Json): bigint {
	const text = typeof value === "number" ? String(value) : value;
	if (typeof text === "string" && /^-?\d+$/.test(text)) {
		const found = BigInt(text);
		if (found === BigInt.asIntN(64, found)) return found;
	}
	throw unlike(value, "an integer of 64 bits");
}

function unlike(value: Json, wanted: string) {
	return fail(
		"INVALID",
		`it has ${JSON.stringify(value)?.slice(0, 40)}, wanted ${wanted}`,
	);
}
