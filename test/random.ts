/** Numbers below a bound. */
export type Random = (below: number) => number;

/** A generator of integers below a bound that repeats itself from a seed (mulberry32). */
export function random(seed: number): Random {
	let state = seed;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let bits = Math.imul(state ^ (state >>> 15), 1 | state);
		bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
		return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * below);
	};
}
