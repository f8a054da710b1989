import type { Share } from "../repository/release.js";

/**
 * The share that a key falls to: each key to one version, keys to versions as the weights say. Where a share comes, goes or
 * grows, only the keys move that have to (weighted rendezvous hashing, Schindelhauer and Schomaker 2005).
 */
export function shareOf<T extends Share>(
	shares: readonly T[],
	key: string,
): T | undefined {
	let best: T | undefined;
	let highest = Number.NEGATIVE_INFINITY;
	for (const share of shares) {
		const score =
			-share.weight / Math.log(unit(hash(`${share.version}\n${key}`)));
		if (score > highest) [best, highest] = [share, score];
	}
	return best;
}

/** Above 0 and below 1. */
function unit(bits: number): number {
	return (bits + 0.5) / 2 ** 32;
}

/** FNV-1a over UTF-16 units, then the last steps of MurmurHash3, as neighbouring keys would get neighbouring numbers. */
function hash(text: string): number {
	let bits = 0x811c9dc5;
	for (let i = 0; i < text.length; i++)
		bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
	bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
	bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
	return (bits ^ (bits >>> 16)) >>> 0;
}
