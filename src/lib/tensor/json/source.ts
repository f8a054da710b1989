import { ANY_TENSOR, type TensorBounds } from "../bounds.js";
import { CODE } from "./characters.js";

/**
 * `strict`: as TensorFlow Serving takes and refuses, word for word. `default`: what it refuses without need is taken, and
 * errors say more.
 */
export type Compat = "strict" | "default";

export interface CodecOptions {
	/** `default` where it is left out. */
	readonly compat?: Compat;
	/** Any size where it is left out. */
	readonly bounds?: TensorBounds | undefined;
}

/**
 * A body to read tensors from. It ends with the `}` of its object, so that no loop over digits, blanks or brackets runs
 * off its end.
 */
export interface Source {
	readonly bytes: Buffer;
	readonly view: DataView;
	/** Up to here four bytes can be read at once, also one word further on. */
	readonly lastWord: number;
	readonly compat: Compat;
	readonly bounds: TensorBounds;
}

/** The part of a body up to its last `}`; undefined where there is none. */
export function openSource(
	body: Uint8Array,
	{ compat = "default", bounds = ANY_TENSOR }: CodecOptions,
): Source | undefined {
	const end = body.lastIndexOf(CODE.CLOSE_OBJECT) + 1;
	if (end === 0) return undefined;
	return {
		bytes: Buffer.from(body.buffer, body.byteOffset, end),
		view: new DataView(body.buffer, body.byteOffset, end),
		lastWord: end - 8,
		compat,
		bounds,
	};
}
