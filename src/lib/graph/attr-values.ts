import type { AttrValue, NodeDef } from "../../gen/graph_pb.js";
import type { TensorShapeProto } from "../../gen/tensor_pb.js";
import { fail } from "../errors.js";
import type { OpDef } from "../ops/opdef.js";
import { shapeFromProto } from "../savedmodel/signature.js";
import { dtypeFromNumber } from "../tensor/dtype.js";
import { constantFromProto } from "../tensor/proto.js";
import type { Attr, Attrs } from "./ir.js";

/** Replaces attribute placeholders (`$T`) of a polymorphic function by what its caller gave. */
export type Substitution = Readonly<Record<string, Attr>>;

/** A node's attributes as plain values, TensorFlow's defaults filled in (SavedModels leave them out). */
export function readAttrs(
	node: NodeDef,
	definition: OpDef | undefined,
	substitution: Substitution,
): Attrs {
	const attrs: Record<string, Attr> = {};
	for (const [name, { default: value }] of definition?.attrs ?? [])
		if (value !== undefined) attrs[name] = value;
	for (const [name, value] of Object.entries(node.attr)) {
		const attr = readAttr(node, name, value, substitution);
		if (attr !== undefined) attrs[name] = attr;
	}
	return attrs;
}

/** `undefined` where the value is empty, or of an element type that only unused parts of old graphs have. */
function readAttr(
	node: NodeDef,
	name: string,
	{ value }: AttrValue,
	substitution: Substitution,
): Attr | undefined {
	if (value.case === undefined) return undefined;
	if (value.case === "placeholder") {
		const given = substitution[value.value];
		if (given === undefined)
			throw fail(
				"CORRUPT",
				`cannot read attribute "${name}" of node "${node.name}": nobody gives a value for "$${value.value}"`,
				{ at: { node: node.name, op: node.op } },
			);
		return given;
	}
	if (value.case === "list") return readList(value.value);
	const read = READERS[value.case] as (value: unknown) => Attr | undefined;
	return read(value.value);
}

/** How each kind of value is read; the kinds are those of `AttrValue.value`. */
const READERS = {
	s: (bytes: Uint8Array) => text(bytes),
	i: (integer: bigint) => integerOf(integer),
	f: (number: number) => number,
	b: (flag: boolean) => flag,
	type: (number: number) =>
		number === 0 ? undefined : dtypeFromNumber(number),
	shape: (proto: TensorShapeProto) => ({ dims: shapeFromProto(proto) }),
	tensor: constantFromProto,
	func: (reference: { name: string }) => ({ function: reference.name }),
} as const;

type ListValue = Extract<AttrValue["value"], { case: "list" }>["value"];

function readList(list: ListValue): readonly Attr[] {
	return [
		...list.s.map(READERS.s),
		...list.i.map(READERS.i),
		...list.f,
		...list.b,
		...list.type.map(dtypeFromNumber),
		...list.shape.map(READERS.shape),
		...list.tensor.map(READERS.tensor),
		...list.func.map(READERS.func),
	];
}

function integerOf(integer: bigint): number | bigint {
	const number = Number(integer);
	return Number.isSafeInteger(number) ? number : integer;
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes that are no UTF-8 are kept as half surrogates, one a byte, which no text has; `bytesAttr` gives them back. */
function text(bytes: Uint8Array): string {
	const decoded = DECODER.decode(bytes);
	return decoded.includes("\ufffd")
		? Array.from(bytes, (byte) =>
				String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte),
			).join("")
		: decoded;
}
