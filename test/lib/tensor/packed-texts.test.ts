import { expect, test } from "vitest";
import {
	compacted,
	knownPacked,
	packedTensor,
	packedTexts,
} from "../../../src/lib/tensor/packed-texts.js";
import { tensor } from "../../../src/lib/tensor/tensor.js";

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

test("texts come back as they were put together, empty ones and bytes that are no UTF-8 among them", () => {
	const data = ["ab", "", "\xff\x00", "", "c"].map(latin1);
	const texts = packedTexts(tensor("string", [5], data));
	expect(texts.bytes).toEqual(latin1("ab\xff\x00c"));
	expect(packedTensor([5], texts).data).toEqual(data);
	expect(packedTexts(tensor("string", [0], [])).bytes).toHaveLength(0);
});

test("texts may lie in any order, over one another and in a part of a buffer", () => {
	const bytes = latin1("..one two..").subarray(2, 9);
	const places = {
		bytes,
		starts: Uint32Array.of(4, 0, 0),
		ends: Uint32Array.of(7, 3, 7),
	};
	const wanted = ["two", "one", "one two"].map(latin1);
	expect(packedTensor([3], places).data).toEqual(wanted);
	const copy = compacted(places);
	expect(copy.bytes).toEqual(latin1("twooneone two"));
	expect(packedTensor([3], copy).data).toEqual(wanted);
});

test("a compact copy shares no memory with what it was made of", () => {
	const texts = packedTexts(tensor("string", [2], ["a", "b"].map(latin1)));
	compacted(texts).bytes[0] = 0;
	expect(texts.bytes).toEqual(latin1("ab"));
});

test("a tensor made of another one with other data is not taken for it", () => {
	const one = packedTensor(
		[1],
		packedTexts(tensor("string", [1], [latin1("a")])),
	);
	const other = { ...one, data: [latin1("b")] };
	expect(knownPacked(other)).toBeUndefined();
	expect({ ...one }.data).toEqual([latin1("a")]);
});
