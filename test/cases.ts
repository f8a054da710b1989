import { readFileSync } from "node:fs";
import { DTYPES, type DType } from "../src/lib/tensor/dtype.js";
import { type Tensor, tensor } from "../src/lib/tensor/tensor.js";

/** One question to a model and TensorFlow's answer; fixtures/README.md tells the format of the file. */
export interface Case {
	readonly signature: string;
	readonly inputs: Readonly<Record<string, Tensor>>;
	readonly outputs: Readonly<Record<string, Tensor>>;
	/** The case as it stands in the file, for what sends JSON. */
	readonly text: { readonly inputs: string };
	/** Shares state with the other cases of this name, and runs after those before it. */
	readonly sequence: string | undefined;
}

/** Reads a file of cases without the library's own JSON codec, which is what they test. */
export function readCases(path: string): Case[] {
	return parseCases(readFileSync(path, "utf8"));
}

export function parseCases(text: string): Case[] {
	const cases = parse(text);
	if (!Array.isArray(cases)) throw new Error("a file of cases holds no list");
	return cases.map((fields) => caseOf(fields as RawCase));
}

/** A leaf of the JSON: the text of a number or word, a string, or bytes. */
type Leaf = { readonly text: string } | { readonly string: string };
type Json = Leaf | readonly Json[] | { readonly fields: Fields };
type Fields = ReadonlyMap<string, Json>;

interface RawCase {
	readonly fields: Fields;
}

function caseOf({ fields }: RawCase): Case {
	const dtypes = fieldsOf(fields.get("dtypes"));
	const shapes = fieldsOf(fields.get("shapes"));
	const tensors = (key: string): Record<string, Tensor> =>
		Object.fromEntries(
			[...fieldsOf(fields.get(key))].map(([name, value]) => [
				name,
				tensorOf(
					textOf(dtypes.get(name)) as DType,
					value,
					shapes.has(name) ? shapeList(shapes.get(name)) : undefined,
				),
			]),
		);
	return {
		signature: textOf(fields.get("signature")),
		inputs: tensors("inputs"),
		outputs: tensors("outputs"),
		text: { inputs: show(fields.get("inputs")) },
		sequence: fields.has("sequence")
			? textOf(fields.get("sequence"))
			: undefined,
	};
}

function fieldsOf(json: Json | undefined): Fields {
	return json !== undefined && "fields" in json ? json.fields : new Map();
}

function textOf(json: Json | undefined): string {
	if (json !== undefined && "string" in json) return json.string;
	if (json !== undefined && "text" in json) return json.text;
	throw new Error("a case lacks a field");
}

function shapeList(json: Json | undefined): number[] {
	return (json as readonly Json[]).map((size) => Number(textOf(size)));
}

function tensorOf(dtype: DType, json: Json, declared?: number[]): Tensor {
	const shape: number[] = [];
	let level = json;
	for (; Array.isArray(level); level = level[0] as Json) {
		shape.push(level.length);
		if (level.length === 0) break;
	}
	const leaves = Array.isArray(json)
		? (json as readonly Json[]).flat(shape.length as 8)
		: [json];
	return tensor(dtype, declared ?? shape, dataOf(dtype, leaves as Json[]));
}

function dataOf(dtype: DType, leaves: readonly Json[]): Tensor["data"] {
	const { kind, array } = DTYPES[dtype];
	if (kind === "string") return leaves.map(bytesOf);
	const texts = leaves.map(textOf);
	if (kind === "bigint")
		return (array as BigInt64ArrayConstructor).from(texts.map(BigInt));
	const numbers = texts.map((text) => WORDS.get(text) ?? Number(text));
	if (dtype === "float16") return Uint16Array.from(numbers, float16Bits);
	if (dtype === "bfloat16") return Uint16Array.from(numbers, bfloat16Bits);
	return (array as Float32ArrayConstructor).from(numbers);
}

function bytesOf(json: Json): Uint8Array {
	if ("string" in json) return Buffer.from(json.string);
	return Buffer.from(textOf(fieldsOf(json).get("b64")), "base64");
}

const WORDS = new Map([
	["true", 1],
	["false", 0],
]);

function bfloat16Bits(value: number): number {
	return new Uint32Array(new Float32Array([value]).buffer)[0] >>> 16;
}

/** For the numbers that a half has exactly, as the cases do: nothing is rounded. */
function float16Bits(value: number): number {
	if (Number.isNaN(value)) return 0x7e00;
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
	const size = Math.abs(value);
	if (size === Infinity) return sign | 0x7c00;
	if (size < 2 ** -14) return sign | (size * 2 ** 24);
	const exponent = Math.floor(Math.log2(size));
	return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * 1024);
}

const TOKEN =
	/"(?:[^"\\]|\\.)*"|[[\]{}:,]|-?(?:Infinity|\d[\d.eE+-]*)|NaN|true|false/g;

/** JSON with NaN and infinities; numbers stay text, so that none loses digits. */
function parse(text: string): Json {
	const tokens = text.match(TOKEN) ?? [];
	let at = 0;
	const list = <T>(end: string, item: () => T): T[] => {
		const items: T[] = [];
		while (tokens[at] !== end) {
			if (tokens[at] === ",") at++;
			items.push(item());
		}
		at++;
		return items;
	};
	const value = (): Json => {
		const token = tokens[at++];
		if (token === "[") return list("]", value);
		if (token === "{") return { fields: new Map(list("}", field)) };
		return token.startsWith('"')
			? { string: JSON.parse(token) as string }
			: { text: token };
	};
	const field = (): [string, Json] => {
		const name = JSON.parse(tokens[at]) as string;
		at += 2;
		return [name, value()];
	};
	return value();
}

function show(json: Json | undefined): string {
	if (json === undefined) return "{}";
	if (Array.isArray(json)) return `[${json.map(show).join(",")}]`;
	if ("fields" in json)
		return `{${[...json.fields].map(([name, value]) => `${JSON.stringify(name)}:${show(value)}`).join(",")}}`;
	return "string" in json
		? JSON.stringify(json.string)
		: (json as { text: string }).text;
}
