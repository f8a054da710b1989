import type { Tensor } from "../../tensor/tensor.js";
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
export function latin1({ buffer, byteOffset, length }: Uint8Array): string {
	return Buffer.from(buffer, byteOffset, length).toString("latin1");
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
