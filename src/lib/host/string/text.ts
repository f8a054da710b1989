import { isUtf8 } from "node:buffer";
import type { Tensor } from "../../tensor/tensor.js";
import { byteText } from "../byte-text.js";
import type { HostKernel } from "../kernel.js";

/** The texts of a string tensor, as bytes. */
export function textsOf({ data }: Tensor): readonly Uint8Array[] {
	return data as readonly Uint8Array[];
}

/** One text of a scalar. */
export function scalarText(tensor: Tensor): Uint8Array {
	return textsOf(tensor)[0];
}

/** One character a byte. */
export function latin1(bytes: Uint8Array): string {
	return byteText(bytes);
}

export function bytesOfLatin1(text: string): Uint8Array {
	return Buffer.from(text, "latin1");
}

/** Decoded from UTF-8; U+FFFD where the bytes are not. */
export function utf8({ buffer, byteOffset, length }: Uint8Array): string {
	return Buffer.from(buffer, byteOffset, length).toString("utf8");
}

export function bytesOfUtf8(text: string): Uint8Array {
	return Buffer.from(text, "utf8");
}

/** Decoded from UTF-8, where each byte that is part of no character becomes half a surrogate pair: U+DC80 … U+DCFF. */
export function escaped(bytes: Uint8Array): string {
	if (isUtf8(bytes)) return utf8(bytes);
	let text = "";
	for (let at = 0; at < bytes.length; ) {
		const length = characterLength(bytes, at);
		text +=
			length > 0
				? utf8(bytes.subarray(at, at + length))
				: String.fromCharCode(0xdc00 + bytes[at]);
		at += Math.max(1, length);
	}
	return text;
}

/** The bytes that `escaped` read. */
export function bytesOfEscaped(text: string): Uint8Array {
	if (!hasHalves(text)) return bytesOfUtf8(text);
	return Buffer.concat(
		text
			.split(/([\udc80-\udcff])/u)
			.map((part, i) =>
				i % 2 === 0 ? bytesOfUtf8(part) : [part.charCodeAt(0) & 0xff],
			)
			.map((part) => Uint8Array.from(part)),
	);
}

/** Whether bytes of a text that `escaped` read are no characters. */
export function hasHalves(text: string): boolean {
	return /[\udc80-\udcff]/u.test(text);
}

function characterLength(bytes: Uint8Array, at: number): number {
	for (let length = 1; length <= 4; length++)
		if (isUtf8(bytes.subarray(at, at + length)))
			return Math.min(length, bytes.length - at);
	return 0;
}

export function isAscii(bytes: Uint8Array): boolean {
	for (let i = 0; i < bytes.length; i++) if (bytes[i] > 127) return false;
	return true;
}

/** A kernel that makes one text of one. */
export function textKernel(
	convert: (bytes: Uint8Array) => Uint8Array,
): HostKernel {
	return (_, [x]) => [textResult(x, textsOf(x).map(convert))];
}

export function textResult(
	{ shape }: Tensor,
	data: readonly Uint8Array[],
): Tensor {
	return { dtype: "string", shape, data };
}
