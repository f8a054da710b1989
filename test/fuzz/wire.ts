import type { Random } from "../random.js";
import { type Mutate, mutateBytes } from "./bytes.js";

/** A field of a message, as it stands in the bytes. */
interface Field {
	readonly number: number;
	readonly wireType: number;
	/** A varint's or a fixed value's bytes, or what the length stands before. */
	readonly value: Uint8Array;
}

/**
 * Breaks what a protobuf message says and not its form, so that readers are reached behind the decoder: fields change, go,
 * come twice or from another message, at any depth. Now and then the bytes themselves are broken.
 */
export const mutateMessage: Mutate = (bytes, other, random) => {
	let result = bytes;
	for (let edits = 1 + random(3); edits > 0; edits--)
		result =
			random(5) === 0
				? mutateBytes(result, other, random)
				: edited(result, other, random);
	return result;
};

function edited(
	bytes: Uint8Array,
	other: Uint8Array,
	random: Random,
): Uint8Array {
	const fields = fieldsOf(bytes);
	if (fields === undefined || fields.length === 0)
		return mutateBytes(bytes, other, random);
	const at = random(fields.length);
	const field = fields[at];
	const inside = field.wireType === 2 ? fieldsOf(field.value) : undefined;
	// most of a message lies in its messages
	if (inside !== undefined && inside.length > 0 && random(8) > 0)
		fields[at] = { ...field, value: edited(field.value, other, random) };
	else FIELD_EDITS[random(FIELD_EDITS.length)](fields, at, other, random);
	return Buffer.concat(fields.map(fieldBytes));
}

type FieldEdit = (
	fields: Field[],
	at: number,
	other: Uint8Array,
	random: Random,
) => void;

const VALUES: readonly bigint[] = [
	...[0n, 1n, 2n, 3n, 7n, 100n, 1000n, 65_536n],
	...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n],
	...[2n ** 64n - 1n, 2n ** 64n - 2n],
];

const change: FieldEdit = (fields, at, other, random) => {
	const field = fields[at];
	const value =
		field.wireType === 0
			? varint(random(3) ? BigInt(random(200)) : VALUES[random(VALUES.length)])
			: field.wireType === 2
				? mutateBytes(field.value, other, random)
				: field.value.map(() => random(256));
	fields[at] = { ...field, value };
};

const FIELD_EDITS: readonly FieldEdit[] = [
	change,
	change,
	(fields, at) => void fields.splice(at, 1),
	(fields, at, _, random) =>
		void fields.splice(random(fields.length), 0, fields[at]),
	(fields, at, _, random) => {
		fields[at] = { ...fields[at], number: 1 + random(20) };
	},
	(fields, at, _, random) => {
		// what another field of the message says
		const { value, wireType } = fields[random(fields.length)];
		fields[at] = { number: fields[at].number, value, wireType };
	},
	(fields, at, other, random) => {
		const foreign = fieldsOf(other) ?? [];
		if (foreign.length > 0) fields[at] = foreign[random(foreign.length)];
	},
];

/** The fields of bytes that may be a message; undefined where they are none. */
function fieldsOf(bytes: Uint8Array): Field[] | undefined {
	const fields: Field[] = [];
	let at = 0;
	const take = (count: number): Uint8Array => {
		at += count;
		return bytes.subarray(at - count, at);
	};
	while (at < bytes.length) {
		const tag = readVarint(bytes, at);
		if (tag === undefined) return undefined;
		at = tag.end;
		const wireType = tag.value & 7;
		const number = tag.value >>> 3;
		if (number === 0) return undefined;
		const next = readVarint(bytes, at);
		if (wireType === 0 && next) {
			fields.push({ number, wireType, value: take(next.end - at) });
		} else if (wireType === 2 && next) {
			at = next.end;
			fields.push({ number, wireType, value: take(next.value) });
		} else if (wireType === 1 || wireType === 5)
			fields.push({ number, wireType, value: take(wireType === 1 ? 8 : 4) });
		else return undefined;
	}
	return at === bytes.length ? fields : undefined;
}

/** A varint that is a safe integer, or longer ones cut to that. */
function readVarint(
	bytes: Uint8Array,
	start: number,
): { readonly value: number; readonly end: number } | undefined {
	let value = 0;
	for (let i = 0; i < 10 && start + i < bytes.length; i++) {
		if (i < 7) value += (bytes[start + i] & 127) * 2 ** (7 * i);
		if (bytes[start + i] < 128) return { value, end: start + i + 1 };
	}
	return undefined;
}

function fieldBytes({ number, wireType, value }: Field): Uint8Array {
	const tag = varint(BigInt(number) * 8n + BigInt(wireType));
	return wireType === 2
		? Buffer.concat([tag, varint(BigInt(value.length)), value])
		: Buffer.concat([tag, value]);
}

function varint(value: bigint): Uint8Array {
	const bytes: number[] = [];
	let rest = value;
	for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
	return Uint8Array.from([...bytes, Number(rest)]);
}
