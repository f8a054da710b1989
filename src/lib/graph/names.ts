/** Names that are taken. Has a lifetime: one graph, with all that is inside it. */
export class Names {
	/** By name, the number that is tried next where the name is wanted again. */
	readonly #next = new Map<string, number>();

	/** A free name, `wanted` itself or `wanted__1`, `wanted__2`, …; it is taken from then on. */
	take(wanted: string): string {
		let name = wanted;
		let number = this.#next.get(wanted) ?? 1;
		for (; this.#next.has(name); number++) name = `${wanted}__${number}`;
		this.#next.set(wanted, number);
		if (name !== wanted) this.#next.set(name, 1);
		return name;
	}
}
