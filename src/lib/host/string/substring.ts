import { fail } from "../../errors.js";
import { stringAttr } from "../../graph/attrs.js";
import { broadcast } from "../../ops/shapes.js";
import { elementCount } from "../../tensor/tensor.js";
import { stretched } from "../broadcast.js";
import type { HostKernel } from "../kernel.js";
import { textsOf } from "./text.js";

/** Bytes or characters from a place on; a place before the start counts from the end. */
export const substring: HostKernel = (node, [x, positions, lengths]) => {
	const cut = stringAttr(node, "unit") === "UTF8_CHAR" ? characters : bytes;
	const shape = broadcast(x.shape, positions.shape) as readonly number[];
	const size = elementCount(shape);
	const texts = textsOf(x);
	const [ofText, ofPlace] = [x, positions].map((operand) =>
		stretched(operand.shape, shape, size),
	);
	const data = Array.from({ length: size }, (_, i) => {
		const at = Number(positions.data[ofPlace[i]]);
		const length = Number(lengths.data[ofPlace[i]]);
		const found = cut(texts[ofText[i]], at, length);
		if (found === undefined)
			throw fail(
				"INVALID",
				`cannot cut text ${i}: position ${at} is out of range`,
			);
		return found;
	});
	return [{ dtype: "string", shape, data }];
};

/** Text lengths in bytes or characters. */
export const lengths: HostKernel = (node, [x]) => {
	const count =
		stringAttr(node, "unit") === "UTF8_CHAR"
			? (text: Uint8Array) => starts(text).length
			: (text: Uint8Array) => text.length;
	return [
		{
			dtype: "int32",
			shape: x.shape,
			data: Int32Array.from(textsOf(x), count),
		},
	];
};

function bytes(
	text: Uint8Array,
	position: number,
	length: number,
): Uint8Array | undefined {
	const start = placeIn(text.length, position);
	if (start === undefined) return undefined;
	// a negative length of bytes means all that follow (std::string::substr), of characters none
	return text.subarray(start, length < 0 ? text.length : start + length);
}

function characters(
	text: Uint8Array,
	position: number,
	length: number,
): Uint8Array | undefined {
	const places = starts(text);
	const start = placeIn(places.length, position);
	if (start === undefined) return undefined;
	const ends = [...places, text.length];
	return text.subarray(
		ends[start],
		ends[Math.min(start + Math.max(0, length), places.length)],
	);
}

function placeIn(size: number, position: number): number | undefined {
	if (position > size || -position > size) return undefined;
	return position < 0 ? position + size : position;
}

/** Where UTF-8 characters start: at each byte that continues none. */
function starts(text: Uint8Array): readonly number[] {
	const places: number[] = [];
	for (let i = 0; i < text.length; i++)
		if ((text[i] & 0xc0) !== 0x80) places.push(i);
	return places;
}
