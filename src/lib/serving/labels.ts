/**
 * Names for versions of one model. A label moves when its new version answers, not before: until then it stays where it was.
 * Has a lifetime: the model's.
 */
export class Labels {
	#wanted: ReadonlyMap<string, bigint> = new Map();
	readonly #assigned = new Map<string, bigint>();

	/** Where labels are to point; those that are not named are gone. */
	set(wanted: ReadonlyMap<string, bigint>): void {
		this.#wanted = wanted;
		for (const label of this.#assigned.keys())
			if (!wanted.has(label)) this.#assigned.delete(label);
	}

	/** Points at a version that may not answer yet (`--allow_version_labels_for_unavailable_models`). */
	assign(label: string, version: bigint): void {
		this.#assigned.set(label, version);
	}

	/** Moves the labels whose versions answer by now. */
	settle(isAvailable: (version: bigint) => boolean): void {
		for (const [label, version] of this.#wanted)
			if (isAvailable(version)) this.#assigned.set(label, version);
	}

	/** The version of a label; undefined for one that is unknown or points at nothing yet. */
	version(label: string): bigint | undefined {
		return this.#assigned.get(label);
	}

	/** Those that point somewhere. */
	get names(): readonly string[] {
		return [...this.#assigned.keys()];
	}

	/** Where a label is to point. */
	wanted(label: string): bigint | undefined {
		return this.#wanted.get(label);
	}
}
