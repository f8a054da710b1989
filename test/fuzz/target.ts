import type { ErrorCode } from "../../src/lib/errors.js";
import type { Mutate } from "./bytes.js";

/** Something that reads bytes of others. */
export interface Target {
	/** Its folder in fixtures/fuzz. */
	readonly name: string;
	/** What it may refuse bytes with. */
	readonly codes: readonly ErrorCode[];
	readonly mutate: Mutate;
	/** Files to begin with, beside its folder. */
	readonly seeds?: readonly string[];
	/** Bytes to begin with, that are no files. */
	readonly texts?: readonly Uint8Array[];
	/** Mutations in `npm test`. */
	readonly rounds: number;
	/** Reads all that is there to read; what it gives is weighed. */
	read(bytes: Uint8Array): unknown;
}
