import {
	type DescField,
	type DescMessage,
	type DescOneof,
	type Message,
	type MessageShape,
	ScalarType,
} from "@bufbuild/protobuf";
import { scalarZeroValue } from "@bufbuild/protobuf/reflect";
import { type LazyMap, planLazyMap } from "./lazy-map.js";
import { LENGTH_DELIMITED, MAX_DEPTH, WireReader } from "./wire.js";

/**
 * Decodes a message of a proto3 file, as protobuf-es' `fromBinary` does with `readUnknownFields: false`, for graphs of
 * megabytes: many times faster, as the plan of a message is made once and not for each instance, and stricter, as a
 * nested message stays within the one around it. The message is to be read, not changed: fields of type `bytes` are views,
 * empty lists are shared, and a map of messages, as the attributes of a node, is decoded when it is first read, as nobody
 * looks at most of a graph.
 * Fails with CORRUPT, also at that later time; `file` is the name that errors mention.
 */
export function decodeMessage<Desc extends DescMessage>(
	schema: Desc,
	bytes: Uint8Array,
	file?: string,
): MessageShape<Desc> {
	const decoder = { reader: new WireReader(bytes, file), messages: 0 };
	return readMessage(decoder, planOf(schema), 0) as MessageShape<Desc>;
}

/**
 * One entry of a decoded message's map of messages, without decoding the others where nobody has read the map yet;
 * undefined where it has none.
 */
export function mapEntry(
	message: Message,
	name: string,
	key: string,
): Message | undefined {
	const plan = PLANS_BY_NAME.get(message.$typeName);
	const lazyMap = plan?.lazyMaps.find((candidate) => candidate.name === name);
	const map = (lazyMap?.only(message, key) ??
		(message as Fields & Message)[name]) as Record<string, Message>;
	return Object.hasOwn(map, key) ? map[key] : undefined;
}

interface Decoder {
	readonly reader: WireReader;
	messages: number;
}

/** An empty message takes two bytes of a file and a hundred of memory; the largest real graphs have about a million. */
const MAX_MESSAGES = 5_000_000;

type Fields = Record<string, unknown>;

interface Plan {
	readonly typeName: string;
	/** What unset members are. */
	readonly defaults: readonly Default[];
	readonly lazyMaps: readonly LazyMap[];
	/** At their field numbers. */
	readonly fields: readonly (FieldPlan | undefined)[];
}

interface Default {
	readonly name: string;
	/** Shared by all messages, so empty lists and maps are frozen; most messages have a dozen of them. */
	readonly value: unknown;
}

const NO_ITEMS: readonly unknown[] = Object.freeze([]);
const NO_ENTRIES: Readonly<Fields> = Object.freeze({});
const NO_CASE = Object.freeze({ case: undefined });

interface FieldPlan {
	/** Any other wire type makes the field an unknown one, but that lists of numbers may be packed. */
	readonly wireType: number;
	readonly isList: boolean;
	readonly read: FieldReader;
}

type FieldReader = (
	decoder: Decoder,
	message: Fields,
	depth: number,
	wireType: number,
) => void;

const PLANS = new Map<DescMessage, Plan>();
const PLANS_BY_NAME = new Map<string, Plan>();

function planOf(desc: DescMessage): Plan {
	const known = PLANS.get(desc);
	if (known !== undefined) return known;
	const plan = {
		typeName: desc.typeName,
		defaults: desc.members.flatMap((member) => defaultOf(member) ?? []),
		lazyMaps: [] as LazyMap[],
		fields: [] as FieldPlan[],
	};
	PLANS.set(desc, plan); // before its fields, as messages contain themselves
	PLANS_BY_NAME.set(desc.typeName, plan);
	for (const field of desc.fields) {
		const lazy = isLazy(field) ? planLazily(field) : undefined;
		if (lazy !== undefined) plan.lazyMaps.push(lazy);
		plan.fields[field.number] = lazy ?? planField(field);
	}
	return plan;
}

/** Messages and `optional` fields have none: they are absent. */
function defaultOf(member: DescField | DescOneof): Default | undefined {
	const name = member.localName;
	if (member.kind === "oneof") return { name, value: NO_CASE };
	if (member.oneof !== undefined || isLazy(member)) return undefined;
	const kind = member.fieldKind;
	if (kind === "list") return { name, value: NO_ITEMS };
	if (kind === "map") return { name, value: NO_ENTRIES };
	if (kind === "message" || member.proto.proto3Optional) return undefined;
	const value = kind === "enum" ? 0 : scalarZeroValue(member.scalar, false);
	return { name, value };
}

function readMessage(decoder: Decoder, plan: Plan, depth: number): Message {
	const message: Fields = { $typeName: plan.typeName };
	const { defaults, lazyMaps } = plan;
	for (const { name, value } of defaults) message[name] = value;
	for (const map of lazyMaps) map.define(message);
	return readFields(decoder, plan, message, depth) as Fields & Message;
}

/** Reads up to `reader.end`. */
function readFields(
	decoder: Decoder,
	plan: Plan,
	message: Fields,
	depth: number,
): Fields {
	const { reader } = decoder;
	if (depth > MAX_DEPTH)
		throw reader.broken(`messages are nested more than ${MAX_DEPTH} deep`);
	if (++decoder.messages > MAX_MESSAGES)
		throw reader.broken(`there are more than ${MAX_MESSAGES} messages`);
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		const wireType = tag & 7;
		const field = plan.fields[tag >>> 3];
		if (
			field !== undefined &&
			(wireType === field.wireType ||
				(field.isList && wireType === LENGTH_DELIMITED))
		)
			field.read(decoder, message, depth, wireType);
		else reader.skip(wireType, depth);
	}
	return message;
}

/** Reads one value: a scalar, an enum's number or a message. */
interface ValuePlan {
	readonly wireType: number;
	readonly read: (decoder: Decoder, depth: number) => unknown;
	/** What a map's entry without a value means. */
	readonly zero: () => unknown;
}

function planField(field: DescField): FieldPlan {
	const value = planValue(field);
	if (field.fieldKind === "map")
		return {
			wireType: LENGTH_DELIMITED,
			isList: false,
			read: mapReader(field, value),
		};
	const { wireType } = value;
	if (field.fieldKind === "list")
		return { wireType, isList: true, read: listReader(field, value) };
	const read =
		field.fieldKind === "message"
			? messageReader(field)
			: scalarReader(field, value);
	return { wireType, isList: false, read };
}

function listReader({ localName }: DescField, value: ValuePlan): FieldReader {
	return (decoder, message, depth, wireType) => {
		if (message[localName] === NO_ITEMS) message[localName] = [];
		const list = message[localName] as unknown[];
		const { reader } = decoder;
		if (wireType === value.wireType) list.push(value.read(decoder, depth));
		else {
			const outer = reader.enter();
			while (reader.pos < reader.end) list.push(value.read(decoder, depth));
			reader.leave(outer);
		}
	};
}

type MapField = DescField & { fieldKind: "map" };

function mapReader(field: MapField, value: ValuePlan): FieldReader {
	const readEntry = entryReader(field, value);
	const { localName } = field;
	return (decoder, message, depth) => {
		if (message[localName] === NO_ENTRIES) message[localName] = {};
		readEntry(decoder, message[localName] as Fields, depth);
	};
}

/** Reads an entry, which is a message with the fields 1, the key, and 2, the value; either may be missing. */
function entryReader({ mapKey }: MapField, value: ValuePlan) {
	const key = SCALARS[mapKey];
	const keyTag = (1 << 3) | key.wireType;
	const valueTag = (2 << 3) | value.wireType;
	const noKey = scalarZeroValue(mapKey, false);
	return (
		decoder: Decoder,
		map: Fields,
		depth: number,
		wanted?: string,
	): void => {
		const { reader } = decoder;
		let name: unknown = noKey;
		let item: unknown;
		const outer = reader.enter();
		while (reader.pos < reader.end) {
			const tag = reader.varint32();
			if (tag === keyTag) {
				name = key.read(reader);
				if (wanted !== undefined && name !== wanted) reader.pos = reader.end;
			} else if (tag === valueTag) item = value.read(decoder, depth);
			else reader.skip(tag & 7, depth);
		}
		reader.leave(outer);
		if (wanted === undefined || name === wanted)
			setEntry(map, String(name), item ?? value.zero());
	};
}

/** Made when the first map is read, as a message of the map may contain the one that is being planned. */
function planLazily(field: MapField): LazyMap & FieldPlan {
	let readEntry: ReturnType<typeof entryReader> | undefined;
	const lazyMap = planLazyMap(field, (reader, map, wanted) => {
		readEntry ??= entryReader(field, planValue(field));
		readEntry({ reader, messages: 0 }, map, 0, wanted);
	});
	return {
		...lazyMap,
		wireType: LENGTH_DELIMITED,
		isList: false,
		read: ({ reader }, message) => lazyMap.note(message, reader),
	};
}

function isLazy(field: DescField): field is MapField {
	return field.fieldKind === "map" && field.mapKind === "message";
}

/** Assignment to `__proto__` would change the map's prototype and add no entry. */
function setEntry(map: Fields, key: string, value: unknown): void {
	if (key === "__proto__")
		Object.defineProperty(map, key, { value, enumerable: true });
	else map[key] = value;
}

/** A message that comes twice is merged, as the encoding asks. */
function messageReader(
	field: DescField & { fieldKind: "message" },
): FieldReader {
	const { localName, oneof } = field;
	const plan = planOf(field.message);
	return (decoder, message, depth) => {
		const choice =
			oneof && (message[oneof.localName] as { case?: string; value?: unknown });
		const previous =
			choice === undefined
				? message[localName]
				: choice.case === localName && choice.value;
		const outer = decoder.reader.enter();
		const value = previous
			? readFields(decoder, plan, previous as Fields, depth + 1)
			: readMessage(decoder, plan, depth + 1);
		decoder.reader.leave(outer);
		if (oneof === undefined) message[localName] = value;
		else message[oneof.localName] = { case: localName, value };
	};
}

function scalarReader(
	{ localName, oneof }: DescField,
	value: ValuePlan,
): FieldReader {
	if (oneof === undefined)
		return (decoder, message, depth) => {
			message[localName] = value.read(decoder, depth);
		};
	return (decoder, message, depth) => {
		message[oneof.localName] = {
			case: localName,
			value: value.read(decoder, depth),
		};
	};
}

function planValue({ message, enum: values, scalar }: DescField): ValuePlan {
	if (message !== undefined) {
		const plan = planOf(message);
		return {
			wireType: LENGTH_DELIMITED,
			read: (decoder, depth) => {
				const outer = decoder.reader.enter();
				const value = readMessage(decoder, plan, depth + 1);
				decoder.reader.leave(outer);
				return value;
			},
			zero: () => decodeMessage(message, new Uint8Array(0)),
		};
	}
	const type =
		values !== undefined ? ScalarType.INT32 : (scalar ?? ScalarType.STRING);
	const { wireType, read } = SCALARS[type];
	const zero = scalarZeroValue(type, false);
	return { wireType, read: ({ reader }) => read(reader), zero: () => zero };
}

const VARINT = 0;
const FIXED64 = 1;
const FIXED32 = 5;

interface ScalarPlan {
	readonly wireType: number;
	readonly read: (reader: WireReader) => unknown;
}

const SCALARS: Readonly<Record<ScalarType, ScalarPlan>> = {
	[ScalarType.DOUBLE]: { wireType: FIXED64, read: (reader) => reader.double() },
	[ScalarType.FLOAT]: { wireType: FIXED32, read: (reader) => reader.float() },
	[ScalarType.INT64]: { wireType: VARINT, read: (reader) => reader.varint64() },
	[ScalarType.UINT64]: {
		wireType: VARINT,
		read: (reader) => BigInt.asUintN(64, reader.varint64()),
	},
	[ScalarType.INT32]: { wireType: VARINT, read: (reader) => reader.varint32() },
	[ScalarType.FIXED64]: {
		wireType: FIXED64,
		read: (reader) => BigInt.asUintN(64, reader.fixed64()),
	},
	[ScalarType.FIXED32]: {
		wireType: FIXED32,
		read: (reader) => reader.fixed32(),
	},
	[ScalarType.BOOL]: { wireType: VARINT, read: (reader) => reader.bool() },
	[ScalarType.STRING]: {
		wireType: LENGTH_DELIMITED,
		read: (reader) => reader.string(),
	},
	[ScalarType.BYTES]: {
		wireType: LENGTH_DELIMITED,
		read: (reader) => reader.bytes(),
	},
	[ScalarType.UINT32]: {
		wireType: VARINT,
		read: (reader) => reader.varint32() >>> 0,
	},
	[ScalarType.SFIXED32]: {
		wireType: FIXED32,
		read: (reader) => reader.fixed32() | 0,
	},
	[ScalarType.SFIXED64]: {
		wireType: FIXED64,
		read: (reader) => reader.fixed64(),
	},
	[ScalarType.SINT32]: {
		wireType: VARINT,
		read: (reader) => {
			const value = reader.varint32();
			return (value >>> 1) ^ -(value & 1);
		},
	},
	[ScalarType.SINT64]: {
		wireType: VARINT,
		read: (reader) => {
			const value = reader.varint64();
			return BigInt.asIntN(64, ((value >> 1n) & MAX_INT64) ^ -(value & 1n));
		},
	},
};

const MAX_INT64 = (1n << 63n) - 1n;
