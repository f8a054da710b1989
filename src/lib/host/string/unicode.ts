import { fail } from "../../errors.js";
import { boolAttr, intAttr, stringAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { type Decode, decoderOf, ENCODERS, INVALID } from "./codings.js";
import { rowEnds } from "./rows.js";
import { textResult, textsOf } from "./text.js";
import { isScalarValue } from "./unicode-forms.js";

/** The characters of texts, row by row. */
export const decode: HostKernel = (node, [x]) => decoded(node, x).slice(0, 2);

/** The same, and where each character's bytes start in its text. */
export const decodeWithOffsets: HostKernel = (node, [x]) => decoded(node, x);

export const encode: HostKernel = (node, [values, splits]) => {
	const write = encoderOf(node);
	const policy = policyOf(node);
	const numbers = values.data as Int32Array;
	const ends = rowEnds(splits, numbers.length);
	const data: Uint8Array[] = [];
	for (let row = 0; row + 1 < ends.length; row++) {
		const characters: number[] = [];
		const keep = keeper(policy, row, (character) => characters.push(character));
		for (let i = ends[row]; i < ends[row + 1]; i++)
			keep(isScalarValue(numbers[i]) ? numbers[i] : INVALID, i);
		data.push(write(characters));
	}
	return [{ dtype: "string", shape: [data.length], data }];
};

export const transcode: HostKernel = (node, [x]) => {
	const read = readerOf(node);
	const write = encoderOf(node);
	const policy = policyOf(node);
	const data = textsOf(x).map((bytes, row) => {
		const characters: number[] = [];
		read(
			bytes,
			keeper(policy, row, (character) => characters.push(character)),
		);
		return write(characters);
	});
	return [textResult(x, data)];
};

/** Why a node's input cannot be read, known before there is any. */
export function codingObstacle(node: Node): string | undefined {
	const name = stringAttr(node, "input_encoding");
	return decoderOf(name) === undefined
		? `cannot read text in "${name}": no such encoding is known, wanted one like UTF-8, UTF-16-BE, ISO-8859-1 or Shift_JIS`
		: undefined;
}

function decoded(node: Node, x: Tensor): readonly Tensor[] {
	const read = readerOf(node);
	const policy = policyOf(node);
	const characters: number[] = [];
	const offsets: number[] = [];
	const splits = [0];
	for (const [row, bytes] of textsOf(x).entries()) {
		const keep = keeper(policy, row, (character, at) => {
			characters.push(character);
			offsets.push(at);
		});
		read(bytes, keep);
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

/** Hands on what is to be kept of a row. C0 controls are errors too where they are replaced (unicode_ops.cc, ShouldHandleFormatError). */
function keeper(
	{ errors, replacement, replacesControls }: Policy,
	row: number,
	keep: (character: number, at: number) => void,
): Parameters<Decode>[1] {
	return (character, at) => {
		const isError =
			character === INVALID || (replacesControls && character <= 0x1f);
		if (!isError) keep(character, at);
		else if (errors === "replace") keep(replacement, at);
		else if (errors === "strict")
			throw fail(
				"INVALID",
				`cannot take text ${row} for Unicode: at ${at} is no character`,
			);
	};
}

function readerOf(node: Node): Decode {
	const decode = decoderOf(stringAttr(node, "input_encoding"));
	if (decode !== undefined) return decode;
	throw fail("UNSUPPORTED", codingObstacle(node) ?? "", {
		at: { node: node.name, op: node.op },
	});
}

function encoderOf(node: Node): (characters: readonly number[]) => Uint8Array {
	const name = stringAttr(node, "output_encoding");
	const encode = ENCODERS[name];
	if (encode !== undefined) return encode;
	throw fail(
		"INVALID",
		`cannot write text in "${name}": wanted ${Object.keys(ENCODERS).join(", ")}`,
	);
}
