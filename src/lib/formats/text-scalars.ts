import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import type { ScalarValue } from "@bufbuild/protobuf/reflect";
import { nearest, quoted } from "../nearest.js";
import { unescapeBytes } from "./text-strings.js";
import type { TextTokens } from "./text-tokens.js";

/** A name of the enum, or any number. */
export function parseEnum(
	tokens: TextTokens,
	{ name, values }: DescEnum,
): number {
	const token = tokens.peek();
	if (token.kind === "number" || token.text === "-")
		return Number(parseInteger(tokens));
	const value = values.find((candidate) => candidate.name === token.text);
	if (value === undefined)
		throw tokens.unexpected(
			`a ${name}: ${quoted(
				nearest(
					token.text,
					values.map((v) => v.name),
				),
			)}`,
		);
	tokens.next();
	return value.number;
}

/** A value of one of protobuf's scalar types; its range is the message's affair. */
export function parseScalar(tokens: TextTokens, type: ScalarType): ScalarValue {
	return (SCALARS[type] ?? parseSmallInteger)(tokens);
}

const SCALARS: Partial<
	Record<ScalarType, (tokens: TextTokens) => ScalarValue>
> = {
	[ScalarType.STRING]: (tokens) => decoder.decode(parseBytes(tokens)),
	[ScalarType.BYTES]: parseBytes,
	[ScalarType.BOOL]: parseBool,
	[ScalarType.FLOAT]: parseFloat32,
	[ScalarType.DOUBLE]: parseFloat64,
	[ScalarType.INT64]: parseInteger,
	[ScalarType.UINT64]: parseInteger,
	[ScalarType.SINT64]: parseInteger,
	[ScalarType.FIXED64]: parseInteger,
	[ScalarType.SFIXED64]: parseInteger,
};

const decoder = new TextDecoder();

/** One string or several adjacent ones, which count as one. */
export function parseBytes(tokens: TextTokens): Uint8Array {
	const parts: Uint8Array[] = [];
	while (tokens.peek().kind === "string") {
		const bytes = unescapeBytes(tokens.peek().text);
		if (bytes === undefined)
			throw tokens.failure(
				"a string holds an escape that the format does not have",
			);
		tokens.next();
		parts.push(bytes);
	}
	if (parts.length === 0) throw tokens.unexpected("a string in quotes");
	return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

const BOOLS: Readonly<Record<string, boolean>> = {
	true: true,
	True: true,
	t: true,
	"1": true,
	false: false,
	False: false,
	f: false,
	"0": false,
};

function parseBool(tokens: TextTokens): boolean {
	const { text } = tokens.peek();
	if (!Object.hasOwn(BOOLS, text)) throw tokens.unexpected("true or false");
	tokens.next();
	return BOOLS[text];
}

function parseFloat32(tokens: TextTokens): number {
	return Math.fround(parseFloat64(tokens));
}

const WORDS: Readonly<Record<string, number>> = {
	inf: Number.POSITIVE_INFINITY,
	infinity: Number.POSITIVE_INFINITY,
	nan: Number.NaN,
};

function parseFloat64(tokens: TextTokens): number {
	const sign = tokens.take("-") ? -1 : 1;
	const { kind, text } = tokens.peek();
	const word = text.toLowerCase();
	const value =
		kind === "name" && Object.hasOwn(WORDS, word)
			? WORDS[word]
			: kind === "number"
				? Number(/^0x/i.test(text) ? text : text.replace(/f$/i, ""))
				: undefined;
	if (value === undefined) throw tokens.unexpected("a number");
	tokens.next();
	return sign * value;
}

function parseSmallInteger(tokens: TextTokens): number {
	return Number(parseInteger(tokens));
}

function parseInteger(tokens: TextTokens): bigint {
	const sign = tokens.take("-") ? -1n : 1n;
	const { kind, text } = tokens.peek();
	if (kind !== "number" || !/^(?:0x[\da-f]+|\d+)$/i.test(text))
		throw tokens.unexpected("an integer");
	if (/^0\d*[89]/.test(text)) throw tokens.unexpected("an octal integer");
	if (text.length > MAX_DIGITS) throw tokens.unexpected("at most 64 bits");
	tokens.next();
	return sign * BigInt(text.replace(/^0(?=\d)/, "0o"));
}

/** Of an integer, leading zeros with them: to read more takes the square of their number. */
const MAX_DIGITS = 100;
