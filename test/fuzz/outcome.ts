import { MlshipError } from "../../src/lib/errors.js";
import type { Target } from "./target.js";

/** What became of bytes. */
export interface Outcome {
	/** A word for it that is the same where the same happened, in other places and with other numbers. */
	readonly label: string;
	/** Why it may not be so; undefined where it may. */
	readonly finding?: string;
}

/** A message goes to logs and into answers: beside a name out of the bytes there are not many words. */
const MOST_WORDS = 4096;

/** Of what is read of bytes, as memory: a few bytes stand for a message, which takes a hundred, or for many equal elements. */
const MOST_MEMORY = { floor: 4 * 2 ** 20, perByte: 400 };

/** Reads bytes, and holds what comes of it: something that is not too large, or a refusal that is a caller's or a file's. */
export async function outcomeOf(
	target: Target,
	bytes: Uint8Array,
): Promise<Outcome> {
	try {
		const weight = weigh(await target.read(bytes));
		const { floor, perByte } = MOST_MEMORY;
		return weight <= floor + perByte * bytes.length
			? { label: "read" }
			: {
					label: "too large",
					finding: `${bytes.length} bytes became ${weight}`,
				};
	} catch (error) {
		return refusalOf(target, error, MOST_WORDS + bytes.length);
	}
}

function refusalOf(target: Target, error: unknown, mostWords: number): Outcome {
	if (!(error instanceof MlshipError)) {
		const text = error instanceof Error ? error.stack : String(error);
		return { label: placeOf(error), finding: `not ours: ${text}` };
	}
	const { code, message, stack } = error;
	const label = `${code} ${message.replaceAll(/"[^"]*"|\d+/g, "_").slice(0, 60)}`;
	if (!target.codes.includes(code))
		return { label: `${code} ${placeOf(error)}`, finding: `${code}: ${stack}` };
	return message.length <= mostWords
		? { label }
		: { label, finding: `a message of ${message.length} characters` };
}

/** Where an error was thrown. */
function placeOf(error: unknown): string {
	const stack = error instanceof Error ? (error.stack ?? "") : "";
	return /\n\s+at ([^\n]+)/.exec(stack)?.[1] ?? String(error);
}

/** Runs all readers; fails with the first refusal where none has read anything. */
export function anyOf(readers: readonly (() => unknown)[]): unknown[] {
	const values: unknown[] = [];
	const refusals: unknown[] = [];
	for (const read of readers)
		try {
			values.push(read());
		} catch (error) {
			if (!(error instanceof MlshipError) || error.code === "BUG") throw error;
			refusals.push(error);
		}
	if (values.length === 0) throw refusals[0];
	return values;
}

/** Bytes of memory, about, of which shared parts count once; reads what is read late. */
export function weigh(value: unknown): number {
	const seen = new Set<unknown>();
	const weighed = (part: unknown): number => {
		if (typeof part === "string") return 2 * part.length;
		if (typeof part !== "object" || part === null || seen.has(part)) return 8;
		seen.add(part);
		if (ArrayBuffer.isView(part)) return part.byteLength;
		const items = part instanceof Map ? part.entries() : Object.values(part);
		let sum = 16;
		for (const item of items) sum += weighed(item);
		return sum;
	};
	return weighed(value);
}
