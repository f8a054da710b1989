import {
	createFileRegistry,
	type DescField,
	type DescMessage,
	fromBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { fail } from "../../errors.js";
import { bytesAttr, stringAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import { kindOf, type ProtoKind } from "./proto-kinds.js";

export interface WantedField {
	readonly field: DescField;
	readonly dtype: DType;
	readonly kind: ProtoKind;
}

const INLINE = "bytes://";

/** Descriptors are read once a node: that takes longer than many messages do. */
const MESSAGES = new WeakMap<Node, DescMessage>();

/** The message that a node's attributes describe. Fails with INVALID for a type that is not among them. */
export function describedMessage(node: Node): DescMessage {
	const known = MESSAGES.get(node) ?? readDescriptor(node);
	MESSAGES.set(node, known);
	return known;
}

function readDescriptor(node: Node): DescMessage {
	const source = stringAttr(node, "descriptor_source");
	const name = stringAttr(node, "message_type");
	if (!source.startsWith(INLINE))
		throw fail(
			"UNSUPPORTED",
			`cannot use messages of type ${name}: their descriptors are at "${source}", only those inside the model are read`,
		);
	const carried = bytesAttr(node, "descriptor_source").subarray(INLINE.length);
	const message = createFileRegistry(
		fromBinary(FileDescriptorSetSchema, carried),
	).getMessage(name);
	if (message !== undefined) return message;
	throw fail(
		"INVALID",
		`cannot use messages of type ${name}: the model's descriptors have no such type`,
	);
}

/** A field by its name. Fails with INVALID where the message lacks it, or its values have another type. */
export function wantedField(
	message: DescMessage,
	name: string,
	dtype: DType,
): WantedField {
	const field = message.fields.find((candidate) => candidate.name === name);
	if (field === undefined)
		throw fail(
			"INVALID",
			`cannot use field "${name}": ${message.typeName} has ${message.fields.map((known) => known.name).join(", ")}`,
		);
	const kind = kindOf(field);
	if (!kind.dtypes.includes(dtype))
		throw fail(
			"INVALID",
			`cannot use field "${name}" as ${dtype}: wanted ${kind.dtypes.join(" or ")}`,
		);
	return { field, dtype, kind };
}
