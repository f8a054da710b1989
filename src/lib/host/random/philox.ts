/** So many words of 32 bits come at once. */
const WORDS = 4;
const [MULTIPLIER_A, MULTIPLIER_B] = [0xd2511f53, 0xcd9e8d57];
const [WEYL_A, WEYL_B] = [0x9e3779b9, 0xbb67ae85];
const ROUNDS = 10;

/**
 * The counter-based generator Philox 4×32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), as
 * TensorFlow's philox_random.h runs it: equal key and counter give equal bits on every machine.
 */
export class Philox {
	/** The words of the last block. */
	readonly words = new Uint32Array(WORDS);
	readonly #counter: Uint32Array;
	readonly #key: Uint32Array;

	/** Words from the lowest on: four of the counter, two of the key. */
	constructor(counter: ArrayLike<number>, key: ArrayLike<number>) {
		this.#counter = Uint32Array.from(counter);
		this.#key = Uint32Array.from(key);
	}

	get counter(): Uint32Array {
		return this.#counter.slice();
	}

	copy(): Philox {
		return new Philox(this.#counter, this.#key);
	}

	/** Leaves out blocks. */
	skip(blocks: number): void {
		let carry = blocks;
		for (let i = 0; i < WORDS && carry > 0; i++) {
			const sum = this.#counter[i] + (carry % 2 ** 32);
			this.#counter[i] = sum;
			carry = Math.floor(carry / 2 ** 32) + (sum >= 2 ** 32 ? 1 : 0);
		}
	}

	/** Draws the next block into `words`. */
	next(): Uint32Array {
		let [c0, c1, c2, c3] = this.#counter;
		let [k0, k1] = this.#key;
		for (let round = 0; round < ROUNDS; round++) {
			const highA = highProduct(MULTIPLIER_A, c0);
			const lowA = Math.imul(MULTIPLIER_A, c0);
			const highB = highProduct(MULTIPLIER_B, c2);
			const lowB = Math.imul(MULTIPLIER_B, c2);
			c0 = highB ^ c1 ^ k0;
			c1 = lowB;
			c2 = highA ^ c3 ^ k1;
			c3 = lowA;
			k0 = (k0 + WEYL_A) | 0;
			k1 = (k1 + WEYL_B) | 0;
		}
		const { words } = this;
		words[0] = c0;
		words[1] = c1;
		words[2] = c2;
		words[3] = c3;
		this.#advance();
		return words;
	}

	#advance(): void {
		const counter = this.#counter;
		for (let i = 0; i < WORDS; i++) {
			counter[i]++;
			if (counter[i] !== 0) return;
		}
	}
}

/** The upper 32 bits of a product, from halves whose products a double holds. */
function highProduct(a: number, b: number): number {
	const [highA, lowA] = [a >>> 16, a & 0xffff];
	const [highB, lowB] = [b >>> 16, b & 0xffff];
	const middle = highA * lowB + ((lowA * lowB) >>> 16);
	const other = lowA * highB + (middle & 0xffff);
	return highA * highB + (middle >>> 16) + (other >>> 16);
}

/** The words of a generator's blocks one after another. */
export class WordStream {
	#left = 0;

	constructor(readonly source: Philox) {}

	next(): number {
		if (this.#left === 0) {
			this.source.next();
			this.#left = WORDS;
		}
		return this.source.words[WORDS - this.#left--];
	}
}
