import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";

/** The values of a feature: floats, integers as bigints, or text; `null` for a feature without a kind. */
export type Values =
	| readonly number[]
	| readonly bigint[]
	| readonly string[]
	| null;

export type Features = Readonly<Record<string, Values>>;

/** A serialized tf.Example (core/example/example.proto, feature.proto). */
export function example(features: Features): Uint8Array {
	return field(1, featureMap(features));
}

/** A serialized tf.SequenceExample. */
export function sequence(
	context: Features,
	lists: Readonly<Record<string, readonly Values[]>>,
): Uint8Array {
	const entries = Object.entries(lists).map(([key, list]) =>
		field(
			1,
			entry(key, joined(list.map((values) => field(1, feature(values))))),
		),
	);
	return joined([field(1, featureMap(context)), field(2, joined(entries))]);
}

/** A vector of strings. */
export function strings(...values: (string | Uint8Array)[]): Tensor {
	return tensor(
		"string",
		[values.length],
		values.map((value) => new Uint8Array(Buffer.from(value as string))),
	);
}

function featureMap(features: Features): Uint8Array {
	return joined(
		Object.entries(features).map(([key, values]) =>
			field(1, entry(key, feature(values))),
		),
	);
}

function entry(key: string, value: Uint8Array): Uint8Array {
	return joined([field(1, Buffer.from(key)), field(2, value)]);
}

function feature(values: Values): Uint8Array {
	if (values === null) return new Uint8Array(0);
	const writer = new BinaryWriter();
	if (typeof values[0] === "string") {
		for (const value of values as readonly string[])
			writer.tag(1, WireType.LengthDelimited).bytes(Buffer.from(value));
		return field(1, writer.finish());
	}
	const isInteger = typeof values[0] === "bigint";
	for (const value of values)
		if (isInteger) writer.int64(value as bigint);
		else writer.float(value as number);
	return field(isInteger ? 3 : 2, field(1, writer.finish()));
}

function field(number: number, bytes: Uint8Array): Uint8Array {
	return new BinaryWriter()
		.tag(number, WireType.LengthDelimited)
		.bytes(bytes)
		.finish();
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	return new Uint8Array(Buffer.concat(parts));
}
