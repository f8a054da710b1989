import { fail } from "../errors.js";
import type { Tensor } from "./tensor.js";

/** Many texts in one piece of memory, in any order and with other bytes between: an array for each takes longer than most work on it. */
export interface PackedTexts {
	readonly bytes: Uint8Array;
	readonly starts: Uint32Array;
	readonly ends: Uint32Array;
}

/** A string tensor whose texts become arrays when somebody asks for its data. */
export function packedTensor(
	shape: readonly number[],
	texts: PackedTexts,
): Tensor {
	let made: readonly Uint8Array[] | undefined;
	const tensor: Tensor = {
		dtype: "string",
		shape,
		get data() {
			made ??= separated(texts);
			return made;
		},
	};
	PACKED.set(tensor, texts);
	return tensor;
}

/** Texts by their tensor: a property would go along where a tensor is made of another one and other data. */
const PACKED = new WeakMap<Tensor, PackedTexts>();

/** The texts of a tensor that has them in one piece. */
export function knownPacked(tensor: Tensor): PackedTexts | undefined {
	return PACKED.get(tensor);
}

/** The texts of a string tensor, copied to one piece if they are not. Fails with INVALID where they are too long for that. */
export function packedTexts(tensor: Tensor): PackedTexts {
	const known = PACKED.get(tensor);
	if (known !== undefined) return known;
	const texts = tensor.data as readonly Uint8Array[];
	const { bytes, starts, ends } = room(texts.length, (i) => texts[i].length);
	for (let i = 0; i < texts.length; i++) bytes.set(texts[i], starts[i]);
	return { bytes, starts, ends };
}

/** A copy with one text right behind the other, and nothing else. */
export function compacted(texts: PackedTexts): PackedTexts {
	const { bytes, starts, ends } = texts;
	if (isCompact(texts)) return { bytes: bytes.slice(), starts, ends };
	const made = room(ends.length, (i) => ends[i] - starts[i]);
	for (let i = 0, to = 0; i < ends.length; i++)
		for (let at = starts[i]; at < ends[i]; at++) made.bytes[to++] = bytes[at];
	return made;
}

/** Room for texts of these lengths, one behind the other. */
export function room(
	count: number,
	lengthOf: (index: number) => number,
): PackedTexts {
	const places = new Uint32Array(count + 1);
	let end = 0;
	for (let i = 0; i < count; i++) {
		end += lengthOf(i);
		places[i + 1] = end;
	}
	if (end > MOST_BYTES)
		throw fail(
			"INVALID",
			`cannot work on ${end} bytes of text together: at most ${MOST_BYTES} have room in one piece`,
		);
	return placed(new Uint8Array(end), places);
}

const MOST_BYTES = 2 ** 32 - 1;

/** Texts one behind the other, by where each begins and the last one ends. */
export function placed(bytes: Uint8Array, places: Uint32Array): PackedTexts {
	const count = places.length - 1;
	return {
		bytes,
		starts: places.subarray(0, count),
		ends: places.subarray(1),
	};
}

function isCompact({ bytes, starts, ends }: PackedTexts): boolean {
	let end = 0;
	for (let i = 0; i < ends.length; i++) {
		if (starts[i] !== end) return false;
		end = ends[i];
	}
	return end === bytes.length;
}

function separated({ bytes, starts, ends }: PackedTexts): Uint8Array[] {
	const { buffer, byteOffset } = bytes;
	const texts = new Array<Uint8Array>(ends.length);
	for (let i = 0; i < ends.length; i++)
		texts[i] = new Uint8Array(
			buffer,
			byteOffset + starts[i],
			ends[i] - starts[i],
		);
	return texts;
}
