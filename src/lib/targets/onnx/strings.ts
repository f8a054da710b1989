/**
 * TensorFlow's strings are bytes, ONNX's are text: each byte becomes one character. A zero byte is U+0100, since
 * ONNX Runtime's bindings end a string at U+0000.
 */
export function textOfBytes(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
		.toString("latin1")
		.replaceAll("\0", "\u0100");
}

export function bytesOfText(text: string): Uint8Array {
	return Buffer.from(text.replaceAll("\u0100", "\0"), "latin1");
}
