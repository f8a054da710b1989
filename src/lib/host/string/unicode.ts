import { fail } from "../../errors.js";
import { boolAttr, intAttr, stringAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { CODINGS, type Coding, INVALID } from "./codings.js";
import { latin1, textResult, textsOf } from "./text.js";

/** The characters of texts, row by row. */
export const decode: HostKernel = (node, [x]) => decoded(node, x).slice(0, 2);

/** The same, and where each character's bytes start in its text. */
export const decodeWithOffsets: HostKernel = (node, [x]) => decoded(node, x);

export const encode: HostKernel = (node, [values, splits]) => {
	const coding = codingOf(node, "output_encoding");
	const policy = policyOf(node);
	const ends = Array.from(splits.data as Int32Array, Number);
	const rows = Array.from({ length: Math.max(0, ends.length - 1) }, (_, row) =>
		(values.data as Int32Array).subarray(ends[row], ends[row + 1]),
	);
	const data = rows.map((row, i) =>
		coding.encode(
			Array.from(row).flatMap((character) =>
				settled(isScalarValue(character) ? character : INVALID, policy, i),
			),
		),
	);
	return [{ dtype: "string", shape: [data.length], data }];
};

export const transcode: HostKernel = (node, [x]) => {
	const from = codingOf(node, "input_encoding");
	const to = codingOf(node, "output_encoding");
	const policy = policyOf(node);
	return [
		textResult(
			x,
			textsOf(x).map((bytes, i) => {
				const characters: number[] = [];
				from.decode(bytes, (character) => {
					characters.push(...settled(character, policy, i));
				});
				return to.encode(characters);
			}),
		),
	];
};

function decoded(node: Node, x: Tensor): readonly Tensor[] {
	const coding = codingOf(node, "input_encoding");
	const policy = policyOf(node);
	const characters: number[] = [];
	const offsets: number[] = [];
	const splits = [0];
	for (const [i, bytes] of textsOf(x).entries()) {
		coding.decode(bytes, (found, at) => {
			for (const character of settled(found, policy, i)) {
				characters.push(character);
				offsets.push(at);
			}
		});
		splits.push(characters.length);
	}
	const { Tsplits } = node.attrs;
	return [
		tensorFromNumbers(
			Tsplits === "int32" ? "int32" : "int64",
			[splits.length],
			splits,
		),
		tensorFromNumbers("int32", [characters.length], characters),
		tensorFromNumbers("int64", [offsets.length], offsets),
	];
}

/** What becomes of bytes that are no character. */
interface Policy {
	readonly errors: "strict" | "replace" | "ignore";
	readonly replacement: number;
	readonly replacesControls: boolean;
}

function policyOf(node: Node): Policy {
	return {
		errors: stringAttr(node, "errors") as Policy["errors"],
		replacement: intAttr(node, "replacement_char"),
		replacesControls:
			node.attrs.replace_control_characters !== undefined &&
			boolAttr(node, "replace_control_characters"),
	};
}

function settled(
	character: number,
	{ errors, replacement, replacesControls }: Policy,
	row: number,
): readonly number[] {
	// C0 controls are treated as errors too where they are to be replaced (unicode_ops.cc, ShouldHandleFormatError)
	const isControl = replacesControls && character <= 0x1f;
	if (character !== INVALID && !isControl) return [character];
	if (errors === "strict")
		throw fail(
			"INVALID",
			`cannot decode text ${row}: its bytes are no characters`,
		);
	return errors === "ignore" ? [] : [replacement];
}

function codingOf(node: Node, attr: string): Coding {
	const name = stringAttr(node, attr);
	const coding = CODINGS[name.toUpperCase()];
	if (coding !== undefined) return coding;
	throw fail(
		"UNSUPPORTED",
		`cannot read text in ${name}: mlship knows ${Object.keys(CODINGS).join(", ")}`,
		{ at: { node: node.name, op: node.op } },
	);
}

function isScalarValue(character: number): boolean {
	return (
		character >= 0 &&
		character <= 0x10ffff &&
		(character < 0xd800 || character > 0xdfff)
	);
}

/** ICU's numbers of scripts (uscript.h), by the names that JavaScript has for them. */
export const script: HostKernel = (_, [x]) => [
	{
		dtype: "int32",
		shape: x.shape,
		data: Int32Array.from(x.data as Int32Array, (character) => {
			if (!isScalarValue(character)) return -1;
			const text = String.fromCodePoint(character);
			return SCRIPTS.find(({ test }) => test.test(text))?.number ?? 103;
		}),
	},
];

/** Zyyy, common, is what no script owns; 103 is ICU's unknown. */
const SCRIPT_NUMBERS = latin1(
	Buffer.from(
		"Common 0,Inherited 1,Arabic 2,Armenian 3,Bengali 4,Bopomofo 5,Cherokee 6,Coptic 7,Cyrillic 8,Deseret 9,Devanagari 10,Ethiopic 11,Georgian 12,Gothic 13,Greek 14,Gujarati 15,Gurmukhi 16,Han 17,Hangul 18,Hebrew 19,Hiragana 20,Kannada 21,Katakana 22,Khmer 23,Lao 24,Latin 25,Malayalam 26,Mongolian 27,Myanmar 28,Ogham 29,Old_Italic 30,Oriya 31,Runic 32,Sinhala 33,Syriac 34,Tamil 35,Telugu 36,Thaana 37,Thai 38,Tibetan 39,Canadian_Aboriginal 40,Yi 41,Tagalog 42,Hanunoo 43,Buhid 44,Tagbanwa 45,Braille 46,Cypriot 47,Limbu 48,Linear_B 49,Osmanya 50,Shavian 51,Tai_Le 52,Ugaritic 53,Buginese 55,Glagolitic 56,Kharoshthi 57,Syloti_Nagri 58,New_Tai_Lue 59,Tifinagh 60,Old_Persian 61,Balinese 62,Batak 63,Brahmi 65,Cham 66,Cuneiform 101,Javanese 78,Kayah_Li 79,Lepcha 82,Linear_A 83,Mandaic 84,Meroitic_Hieroglyphs 86,Nko 87,Old_Turkic 88,Phags_Pa 90,Phoenician 91,Miao 92,Vai 99,Ol_Chiki 109,Rejang 110,Saurashtra 111,Sundanese 113,Lycian 107,Carian 104,Lydian 108,Tai_Tham 106,Tai_Viet 127,Lisu 131,Samaritan 126,Bamum 130,Meetei_Mayek 115,Imperial_Aramaic 116,Avestan 117,Chakma 118,Kaithi 120,Egyptian_Hieroglyphs 71",
	),
);

const SCRIPTS = SCRIPT_NUMBERS.split(",").map((entry) => {
	const [name, number] = entry.split(" ");
	return {
		test: new RegExp(`^\\p{Script=${name}}`, "u"),
		number: Number(number),
	};
});
