import { expect, test } from "vitest";
import {
	fromMessage,
	toMessage,
	transferable,
} from "../../../../src/lib/engines/pool/messages.js";
import { tensor } from "../../../../src/lib/tensor/tensor.js";

test("texts arrive in another thread as they were, also empty ones and none", () => {
	const whole = Buffer.from("one two");
	const words = [
		whole.subarray(0, 3),
		new Uint8Array(0),
		whole.subarray(4),
		Uint8Array.of(0, 255),
	];
	const tensors = {
		words: tensor("string", [2, 2], words),
		none: tensor("string", [0, 3], []),
		scalar: tensor("string", [], [Uint8Array.of(7)]),
	};
	const arrived = fromMessage(structuredClone(toMessage(tensors)));
	expect(arrived.words.shape).toEqual([2, 2]);
	expect(arrived.words.data).toEqual(
		words.map((bytes) => Uint8Array.from(bytes)),
	);
	expect(arrived.none).toEqual(tensors.none);
	expect(arrived.scalar).toEqual(tensors.scalar);
});

test("a part of a larger buffer is sent without the rest, and the buffer stays with its owner", () => {
	const large = new Float32Array(5000);
	const part = tensor("float32", [2000], large.subarray(0, 2000));
	const { part: sent } = toMessage({ part });
	expect("data" in sent && (sent.data as Float32Array).buffer.byteLength).toBe(
		8000,
	);
	expect(transferable({ part })).toEqual([]);
	expect(transferable({ sent })).toHaveLength(1);
});
