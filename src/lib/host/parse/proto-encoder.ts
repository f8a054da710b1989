import { ScalarType } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { fail } from "../../errors.js";
import { stringsAttr } from "../../graph/attrs.js";
import { elementCount, showShape, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import {
	describedMessage,
	type WantedField,
	wantedField,
} from "./proto-descriptor.js";
import type { ProtoValue } from "./proto-kinds.js";

/** Messages of as many values of each field as `sizes` says, in the order of their numbers (encode_proto_op.cc). */
export const encodeProto: HostKernel = (node, [sizes, ...values]) => {
	const message = describedMessage(node);
	const outer = sizes.shape.slice(0, -1);
	const names = stringsAttr(node, "field_names");
	const columns = names
		.map((name, i): Column => {
			const field = wantedField(message, name, values[i].dtype);
			return { ...field, values: checked(values[i], outer, name), index: i };
		})
		.sort((a, b) => a.field.number - b.field.number);
	const data = Array.from({ length: elementCount(outer) }, (_, row) => {
		const writer = new BinaryWriter();
		for (const column of columns) {
			const size = Number(sizes.data[row * names.length + column.index]);
			writeField(writer, column, row, size);
		}
		return writer.finish();
	});
	return [{ dtype: "string", shape: outer, data }];
};

interface Column extends WantedField {
	readonly values: Tensor;
	/** Its place among the names, and so among the sizes. */
	readonly index: number;
}

function checked(
	values: Tensor,
	outer: readonly number[],
	name: string,
): Tensor {
	const { shape } = values;
	if (
		shape.length === outer.length + 1 &&
		outer.every((size, i) => size === shape[i])
	)
		return values;
	throw fail(
		"INVALID",
		`cannot encode field "${name}" from a tensor of shape ${showShape(shape)}: wanted ${showShape([...outer, -1])}`,
	);
}

function writeField(
	writer: BinaryWriter,
	{ field, values }: Column,
	row: number,
	size: number,
): void {
	const width = values.shape[values.shape.length - 1];
	if (!(size >= 0 && size <= width))
		throw fail(
			"INVALID",
			`cannot encode ${size} values of field "${field.name}" of message ${row}: ${width} are given`,
		);
	const [wireType, write] =
		WRITERS[
			field.scalar ??
				(field.enum === undefined ? ScalarType.BYTES : ScalarType.INT32)
		];
	const isPacked = field.fieldKind === "list" && field.packed && size > 0;
	if (isPacked) writer.tag(field.number, WireType.LengthDelimited).fork();
	for (let i = 0; i < size; i++) {
		if (!isPacked) writer.tag(field.number, wireType);
		write(writer, values.data[row * width + i]);
	}
	if (isPacked) writer.join();
}

type Write = (writer: BinaryWriter, value: ProtoValue) => unknown;

/** How values of each type are written. */
const WRITERS: Readonly<Record<ScalarType, readonly [WireType, Write]>> = {
	[ScalarType.DOUBLE]: [
		WireType.Bit64,
		(writer, value) => writer.double(Number(value)),
	],
	[ScalarType.FLOAT]: [
		WireType.Bit32,
		(writer, value) => writer.float(Number(value)),
	],
	[ScalarType.INT64]: [
		WireType.Varint,
		(writer, value) => writer.int64(value as bigint),
	],
	[ScalarType.UINT64]: [
		WireType.Varint,
		(writer, value) => writer.uint64(value as bigint),
	],
	[ScalarType.INT32]: [
		WireType.Varint,
		(writer, value) => writer.int32(Number(value)),
	],
	[ScalarType.FIXED64]: [
		WireType.Bit64,
		(writer, value) => writer.fixed64(value as bigint),
	],
	[ScalarType.FIXED32]: [
		WireType.Bit32,
		(writer, value) => writer.fixed32(Number(value)),
	],
	[ScalarType.BOOL]: [
		WireType.Varint,
		(writer, value) => writer.bool(value !== 0),
	],
	[ScalarType.STRING]: [WireType.LengthDelimited, writeBytes],
	[ScalarType.BYTES]: [WireType.LengthDelimited, writeBytes],
	[ScalarType.UINT32]: [
		WireType.Varint,
		(writer, value) => writer.uint32(Number(value)),
	],
	[ScalarType.SFIXED32]: [
		WireType.Bit32,
		(writer, value) => writer.sfixed32(Number(value)),
	],
	[ScalarType.SFIXED64]: [
		WireType.Bit64,
		(writer, value) => writer.sfixed64(value as bigint),
	],
	[ScalarType.SINT32]: [
		WireType.Varint,
		(writer, value) => writer.sint32(Number(value)),
	],
	[ScalarType.SINT64]: [
		WireType.Varint,
		(writer, value) => writer.sint64(value as bigint),
	],
};

function writeBytes(writer: BinaryWriter, value: ProtoValue): void {
	writer.bytes(value as Uint8Array);
}
