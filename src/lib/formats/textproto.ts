import {
	type DescField,
	type DescMessage,
	type DescOneof,
	type MessageShape,
	ScalarType,
	toBinary,
} from "@bufbuild/protobuf";
import {
	isFieldError,
	type ReflectMessage,
	reflect,
	type ScalarValue,
	scalarZeroValue,
} from "@bufbuild/protobuf/reflect";
import { nearest, quoted } from "../nearest.js";
import { parseBytes, parseEnum, parseScalar } from "./text-scalars.js";
import { clip, type DescribePlace, TextTokens } from "./text-tokens.js";

export interface TextProtoOptions {
	/** The name that errors mention. */
	readonly source: string;
	/** Whether a field that the message lacks is a mistake (configuration) or of no interest (a SavedModel). */
	readonly unknownFields: "reject" | "skip";
	/** How errors say where a mistake is; `line 3, column 7` without it. */
	readonly describePlace?: DescribePlace;
	/** Messages that may stand in an Any as `[type.googleapis.com/NAME] { … }`. */
	readonly anyTypes?: readonly DescMessage[];
}

/**
 * Reads protobuf's text format (protobuf.dev, text-format-spec) into a message of `schema`.
 * Fails with INVALID, line and column named.
 */
export function parseTextProto<Desc extends DescMessage>(
	schema: Desc,
	text: string,
	options: TextProtoOptions,
): MessageShape<Desc> {
	const message = reflect(schema);
	const parser = {
		tokens: new TextTokens(text, options.source, options.describePlace),
		options,
	};
	parseFields(parser, message, "end", 0);
	return message.message as MessageShape<Desc>;
}

interface Parser {
	readonly tokens: TextTokens;
	readonly options: TextProtoOptions;
}

/** As in upstream's binary parsers (CodedInputStream's recursion limit). */
const MAX_DEPTH = 100;

const CLOSING: Readonly<Record<string, string>> = { "{": "}", "<": ">" };

function parseFields(
	parser: Parser,
	message: ReflectMessage,
	closing: string,
	depth: number,
): void {
	const { tokens, options } = parser;
	if (depth > MAX_DEPTH)
		throw tokens.failure(`messages are nested more than ${MAX_DEPTH} deep`);
	const fields = new Map(message.desc.fields.map((f) => [f.name, f]));
	const seen = new Set<DescField | DescOneof>();
	while (!atClosing(tokens, closing)) {
		const { at } = tokens.peek();
		const name = fieldName(tokens);
		const field = fields.get(name);
		if (name.startsWith("[")) parseAny(parser, message, name, depth);
		else if (field !== undefined) {
			if (seen.has(field) && isSingular(field))
				throw tokens.failure(`field "${name}" is given twice`, at);
			const other = field.oneof && message.oneofCase(field.oneof);
			if (field.oneof && other && seen.has(field.oneof))
				throw tokens.failure(
					`field "${name}" stands beside "${other.name}", of which only one may be given`,
					at,
				);
			seen.add(field);
			if (field.oneof) seen.add(field.oneof);
			parseField(parser, message, field, depth);
		} else if (options.unknownFields === "skip") skipField(tokens, depth);
		else
			throw tokens.failure(
				`${message.desc.name} has no field "${clip(name)}", nearest are ${quoted(nearest(name, fields.keys()))}`,
				at,
			);
		if (!tokens.take(",")) tokens.take(";");
	}
}

function atClosing(tokens: TextTokens, closing: string): boolean {
	if (closing !== "end") return tokens.take(closing);
	return tokens.peek().kind === "end";
}

function isSingular({ fieldKind }: DescField): boolean {
	return fieldKind !== "list" && fieldKind !== "map";
}

/** A field's name, or `[type.googleapis.com/NAME]` with its brackets. */
function fieldName(tokens: TextTokens): string {
	if (!tokens.take("[")) {
		if (tokens.peek().kind !== "name") throw tokens.unexpected("a field name");
		return tokens.next().text;
	}
	let name = "[";
	while (!tokens.take("]")) {
		const { kind } = tokens.peek();
		if (kind === "end" || kind === "string")
			throw tokens.unexpected('a type name and "]"');
		name += tokens.next().text;
	}
	return `${name}]`;
}

function parseField(
	parser: Parser,
	message: ReflectMessage,
	field: DescField,
	depth: number,
): void {
	const { tokens } = parser;
	const { at } = tokens.peek();
	const parseOne = () => {
		try {
			parseInto(parser, message, field, depth);
		} catch (error) {
			if (!isFieldError(error)) throw error;
			throw tokens.failure(error.message, at);
		}
	};
	const needsNoColon = field.message !== undefined || field.fieldKind === "map";
	if (!tokens.take(":") && !needsNoColon) throw tokens.unexpected('":"');
	if (isSingular(field)) parseOne();
	else parseList(tokens, parseOne);
}

/** One item, or `[a, b]`. */
function parseList(tokens: TextTokens, parseOne: () => void): void {
	if (!tokens.take("[")) parseOne();
	else if (!tokens.take("]")) {
		do parseOne();
		while (tokens.take(","));
		tokens.expect("]");
	}
}

function parseInto(
	parser: Parser,
	message: ReflectMessage,
	field: DescField,
	depth: number,
): void {
	if (field.fieldKind === "map") {
		const { key, value } = parseMapEntry(parser, field, depth);
		message.get(field).set(key, value);
	} else if (field.fieldKind === "list")
		message.get(field).add(parseValue(parser, field, depth));
	else message.set(field, parseValue(parser, field, depth));
}

function parseValue(
	parser: Parser,
	{ message, enum: values, scalar }: DescField,
	depth: number,
): ReflectMessage | ScalarValue {
	if (message !== undefined)
		return parseMessage(parser, reflect(message), depth);
	if (values !== undefined) return parseEnum(parser.tokens, values);
	return parseScalar(parser.tokens, scalar ?? ScalarType.STRING);
}

function parseMessage(
	parser: Parser,
	message: ReflectMessage,
	depth: number,
): ReflectMessage {
	parseFields(parser, message, opening(parser.tokens), depth + 1);
	return message;
}

/** Takes `{` or `<`; returns what closes it. */
function opening(tokens: TextTokens): string {
	const { kind, text } = tokens.peek();
	const closing = kind === "symbol" ? CLOSING[text] : undefined;
	if (closing === undefined) throw tokens.unexpected('"{"');
	tokens.next();
	return closing;
}

/** An entry is written as a message with the fields `key` and `value`; a missing one has its default. */
function parseMapEntry(
	parser: Parser,
	field: DescField & { fieldKind: "map" },
	depth: number,
) {
	const { tokens } = parser;
	const closing = opening(tokens);
	let key: ScalarValue = scalarZeroValue(field.mapKey, false);
	let value = defaultOf(field);
	while (!atClosing(tokens, closing)) {
		const name = fieldName(tokens);
		tokens.take(":");
		if (name === "key") key = parseScalar(tokens, field.mapKey);
		else if (name === "value") value = parseValue(parser, field, depth);
		else
			throw tokens.failure(
				`an entry of "${field.name}" has no field "${clip(name)}"`,
			);
		if (!tokens.take(",")) tokens.take(";");
	}
	return { key, value };
}

function defaultOf({
	message,
	scalar,
}: DescField): ReflectMessage | ScalarValue {
	if (message !== undefined) return reflect(message);
	return scalar === undefined ? 0 : scalarZeroValue(scalar, false);
}

/** `[type.googleapis.com/NAME] { … }` inside an Any: the message, packed as its `type_url` and `value`. */
function parseAny(
	parser: Parser,
	any: ReflectMessage,
	name: string,
	depth: number,
): void {
	const { tokens, options } = parser;
	const url = name.slice(1, -1);
	const typeUrl = any.desc.field.typeUrl;
	const value = any.desc.field.value;
	const type = options.anyTypes?.find(
		({ typeName }) => typeName === url.slice(url.lastIndexOf("/") + 1),
	);
	if (type === undefined || typeUrl === undefined || value === undefined) {
		if (options.unknownFields === "reject")
			throw tokens.failure(`${any.desc.name} cannot hold "${url}"`);
		skipField(tokens, depth);
		return;
	}
	tokens.take(":");
	const packed = parseMessage(parser, reflect(type), depth);
	any.set(typeUrl, url);
	any.set(value, toBinary(type, packed.message));
}

function skipField(tokens: TextTokens, depth: number): void {
	if (depth > MAX_DEPTH)
		throw tokens.failure(`messages are nested more than ${MAX_DEPTH} deep`);
	tokens.take(":");
	parseList(tokens, () => skipValue(tokens, depth));
}

function skipValue(tokens: TextTokens, depth: number): void {
	const { kind, text } = tokens.peek();
	if (kind === "string") parseBytes(tokens);
	else if (kind === "symbol" && Object.hasOwn(CLOSING, text)) {
		const closing = opening(tokens);
		while (!atClosing(tokens, closing)) {
			fieldName(tokens);
			skipField(tokens, depth + 1);
			if (!tokens.take(",")) tokens.take(";");
		}
	} else {
		tokens.take("-");
		const value = tokens.peek();
		if (value.kind !== "number" && value.kind !== "name")
			throw tokens.unexpected("a value");
		tokens.next();
	}
}
