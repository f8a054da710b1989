/** Bytes that grow as they are written. Has a lifetime: it ends with `finish`. */
export class ByteWriter {
	bytes: Buffer;
	length = 0;

	constructor(expected: number) {
		this.bytes = Buffer.allocUnsafeSlow(Math.max(64, expected));
	}

	/** Makes room for `count` more bytes, to be put at `length` by the caller, who then moves it. */
	reserve(count: number): Buffer {
		const needed = this.length + count;
		if (needed > this.bytes.length) {
			const larger = Buffer.allocUnsafeSlow(needed * 2);
			this.bytes.copy(larger, 0, 0, this.length);
			this.bytes = larger;
		}
		return this.bytes;
	}

	put(part: Uint8Array): void {
		this.reserve(part.length).set(part, this.length);
		this.length += part.length;
	}

	/** Text of ASCII characters. */
	putText(text: string): void {
		this.reserve(text.length).write(text, this.length, "latin1");
		this.length += text.length;
	}

	finish(): Uint8Array {
		return this.bytes.subarray(0, this.length);
	}
}
