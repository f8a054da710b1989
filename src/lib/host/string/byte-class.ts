/** What replaces bytes; `undefined` for a text that is not ASCII alone. */
export type ByteReplacer = (text: Uint8Array) => Uint8Array | undefined;

const KEPT = 0;
const MATCHED = 1;
const WIDE = 2;

/** Replaces each ASCII character that `matches` by `rewrite`: by a table, many times faster than an expression. */
export function byteReplacer(
	matches: (character: string) => boolean,
	rewrite: Uint8Array,
): ByteReplacer {
	const kinds = new Uint8Array(256).fill(WIDE, 128);
	for (let byte = 0; byte < 128; byte++)
		kinds[byte] = matches(String.fromCharCode(byte)) ? MATCHED : KEPT;
	return (text) => {
		let found = 0;
		for (let i = 0; i < text.length; i++) {
			const kind = kinds[text[i]];
			if (kind === WIDE) return undefined;
			found += kind;
		}
		return found === 0 ? text : replaced(text, found, kinds, rewrite);
	};
}

function replaced(
	text: Uint8Array,
	found: number,
	kinds: Uint8Array,
	rewrite: Uint8Array,
): Uint8Array {
	const result = new Uint8Array(text.length + found * (rewrite.length - 1));
	for (let i = 0, to = 0; i < text.length; i++)
		if (kinds[text[i]] === KEPT) result[to++] = text[i];
		else for (let k = 0; k < rewrite.length; k++) result[to++] = rewrite[k];
	return result;
}
