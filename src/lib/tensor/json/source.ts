import { CODE } from "./characters.js";

/**
 * A body to read tensors from. It ends with the `}` of its object, so that no loop over digits, blanks or brackets runs
 * off its end.
 */
export interface Source {
	readonly bytes: Buffer;
	readonly view: DataView;
	/** Up to here four bytes can be read at once, also one word further on. */
	readonly lastWord: number;
}

/** The part of a body up to its last `}`; undefined where there is none. */
export function openSource(body: Uint8Array): Source | undefined {
	const end = body.lastIndexOf(CODE.CLOSE_OBJECT) + 1;
	if (end === 0) return undefined;
	return {
		bytes: Buffer.from(body.buffer, body.byteOffset, end),
		view: new DataView(body.buffer, body.byteOffset, end),
		lastWord: end - 8,
	};
}
