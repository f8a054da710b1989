import { type DescField, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { asMlshipError, fail } from "../../errors.js";
import { parseTextProto } from "../../formats/textproto.js";
import { LENGTH_DELIMITED, WireReader } from "../../formats/wire.js";
import { dtypesAttr, stringAttr, stringsAttr } from "../../graph/attrs.js";
import { DTYPES } from "../../tensor/dtype.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { checkedSize } from "./fill.js";
import {
	describedMessage,
	type WantedField,
	wantedField,
} from "./proto-descriptor.js";
import type { ProtoValue } from "./proto-kinds.js";

/**
 * Fields of protocol buffers whose descriptor the op carries: how often each comes, and its values, filled up with the
 * field's default to the longest (core/kernels/decode_proto_op.cc).
 */
export const decodeProto: HostKernel = (node, [input]) => {
	const message = describedMessage(node);
	const types = dtypesAttr(node, "output_types");
	const fields = stringsAttr(node, "field_names").map((name, i) =>
		wantedField(message, name, types[i]),
	);
	const isText = stringAttr(node, "message_format") === "text";
	const rows = (input.data as readonly Uint8Array[]).map((bytes, i, all) => {
		try {
			return readFields(isText ? binary(message, bytes) : bytes, fields);
		} catch (error) {
			throw fail(
				"INVALID",
				`cannot decode message ${i} of ${all.length} as ${message.typeName}: ${asMlshipError(error).message}`,
				{ cause: error },
			);
		}
	});
	const sizes = rows.flatMap((row) => row.map(({ length }) => length));
	return [
		{
			dtype: "int32",
			shape: [...input.shape, fields.length],
			data: Int32Array.from(sizes),
		},
		...fields.map((field, i) =>
			fieldTensor(
				field,
				rows.map((row) => row[i]),
				input.shape,
			),
		),
	];
};

function binary(message: DescMessage, text: Uint8Array): Uint8Array {
	const source = new TextDecoder().decode(text);
	return toBinary(
		message,
		parseTextProto(message, source, {
			source: "the message",
			unknownFields: "reject",
		}),
	);
}

/** The values of each field in one message; of a field that is no list the last one. */
function readFields(
	bytes: Uint8Array,
	fields: readonly WantedField[],
): readonly (readonly ProtoValue[])[] {
	const found = fields.map((): ProtoValue[] => []);
	const reader = new WireReader(bytes);
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		const start = reader.pos;
		for (const [i, wanted] of fields.entries()) {
			if (wanted.field.number !== tag >>> 3) continue;
			reader.pos = start;
			if (wanted.field.fieldKind !== "list") found[i].length = 0;
			readValues(reader, tag & 7, wanted, found[i]);
		}
		reader.pos = start;
		reader.skip(tag & 7, 0);
	}
	return found;
}

function readValues(
	reader: WireReader,
	wireType: number,
	{ kind }: WantedField,
	values: ProtoValue[],
): void {
	if (wireType === kind.wireType) values.push(kind.read(reader));
	else if (wireType === LENGTH_DELIMITED) {
		const outer = reader.enter();
		while (reader.pos < reader.end) values.push(kind.read(reader));
		reader.leave(outer);
	}
}

function fieldTensor(
	{ field, dtype }: WantedField,
	rows: readonly (readonly ProtoValue[])[],
	shape: readonly number[],
): Tensor {
	const width = rows.reduce((a, { length }) => Math.max(a, length), 1);
	const data = allocate(
		dtype,
		checkedSize(elementCount(shape) * width),
	) as ProtoValue[] & Tensor["data"];
	const convert =
		DTYPES[dtype].kind === "bigint" ? BigInt : (value: ProtoValue) => value;
	const fallback = defaultOf(field);
	for (const [row, values] of rows.entries())
		for (let i = 0; i < width; i++) {
			const value = values[i] ?? fallback;
			if (value !== undefined) data[row * width + i] = convert(value as number);
		}
	return { dtype, shape: [...shape, width], data };
}

/** Undefined for a list, a message, and a field without a default of its own. */
function defaultOf(field: DescField): ProtoValue | undefined {
	if (field.fieldKind !== "scalar" && field.fieldKind !== "enum")
		return undefined;
	const value = field.getDefaultValue();
	if (typeof value === "boolean") return Number(value);
	return typeof value === "string" ? new TextEncoder().encode(value) : value;
}
