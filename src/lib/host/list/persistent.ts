const BITS = 5;
const WIDTH = 1 << BITS;

type Branch<T> = readonly (Branch<T> | T | undefined)[];

/**
 * An array that never changes: `set` gives another one that shares all but a few nodes with the old (a radix tree of width
 * 32, as Clojure's vectors are), so that a loop may fill a list while somebody still holds an earlier state. Places that
 * nobody set hold `undefined` and take no memory.
 */
export class PersistentArray<T extends object> {
	readonly size: number;
	readonly #root: Branch<T> | undefined;
	readonly #shift: number;

	private constructor(
		size: number,
		root: Branch<T> | undefined,
		shift: number,
	) {
		this.size = size;
		this.#root = root;
		this.#shift = shift;
	}

	static empty<T extends object>(size: number): PersistentArray<T> {
		return new PersistentArray<T>(size, undefined, shiftFor(size));
	}

	static of<T extends object>(
		items: readonly (T | undefined)[],
	): PersistentArray<T> {
		const shift = shiftFor(items.length);
		let level: Branch<T> = items;
		for (let covered = 0; covered <= shift; covered += BITS)
			level = chunks(level);
		return new PersistentArray<T>(
			items.length,
			level[0] as Branch<T> | undefined,
			shift,
		);
	}

	/** `undefined` where nothing was set. */
	get(index: number): T | undefined {
		let branch = this.#root;
		for (
			let shift = this.#shift;
			shift > 0 && branch !== undefined;
			shift -= BITS
		)
			branch = branch[(index >>> shift) % WIDTH] as Branch<T> | undefined;
		return branch?.[index % WIDTH] as T | undefined;
	}

	/** With another item at an index below `size`. */
	set(index: number, item: T | undefined): PersistentArray<T> {
		const root = changed(this.#root, this.#shift, index, item);
		return new PersistentArray(this.size, root, this.#shift);
	}

	push(item: T): PersistentArray<T> {
		return this.resized(this.size + 1).set(this.size, item);
	}

	/** Cut behind, or with unset places added. */
	resized(size: number): PersistentArray<T> {
		if (size === this.size - 1) {
			const cleared = this.set(size, undefined);
			return new PersistentArray(size, cleared.#root, cleared.#shift);
		}
		if (size < this.size) return PersistentArray.of(this.toArray(size));
		let root = this.#root;
		let shift = this.#shift;
		for (; shift < shiftFor(size); shift += BITS)
			root = root === undefined ? undefined : [root];
		return new PersistentArray(size, root, shift);
	}

	toArray(size = this.size): (T | undefined)[] {
		return Array.from({ length: size }, (_, i) => this.get(i));
	}
}

/** How far the index is shifted at the root of a tree that holds `size` items. */
function shiftFor(size: number): number {
	let shift = 0;
	while (size > WIDTH * 2 ** shift) shift += BITS;
	return shift;
}

function chunks<T>(items: Branch<T>): Branch<T>[] {
	return Array.from({ length: Math.ceil(items.length / WIDTH) }, (_, i) =>
		items.slice(i * WIDTH, (i + 1) * WIDTH),
	) as Branch<T>[];
}

function changed<T>(
	branch: Branch<T> | undefined,
	shift: number,
	index: number,
	item: T | undefined,
): Branch<T> {
	const copy = branch === undefined ? [] : branch.slice();
	const at = (index >>> shift) % WIDTH;
	copy[at] =
		shift === 0
			? item
			: changed(copy[at] as Branch<T> | undefined, shift - BITS, index, item);
	return copy;
}
