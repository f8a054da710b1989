import { asMlshipError, fail, type MlshipError } from "../../errors.js";
import { WireReader } from "../../formats/wire.js";
import type { DType } from "../../tensor/dtype.js";
import { byteText } from "../byte-text.js";
import { FeatureValues, MISSING } from "./feature-values.js";

export interface Feature {
	/** Its bytes, one character each. */
	readonly key: string;
	readonly dtype: DType;
}

/** One feature of many examples. */
export interface FeatureColumn extends Feature {
	readonly values: FeatureValues;
	/** How many values each example has; MISSING where it lacks the feature. */
	readonly counts: Int32Array;
}

/** One list of features of many sequence examples. */
export interface ListColumn extends Feature {
	readonly values: FeatureValues;
	/** How many features each example has in its list; MISSING where it lacks the list. */
	readonly lengths: Int32Array;
	/** How many values each of those features has, all examples together; MISSING for one without values. */
	readonly counts: readonly number[];
}

/** What is to be parsed, and what errors call it. */
export interface Batch {
	readonly examples: readonly Uint8Array[];
	/** None, or one for each. */
	readonly names: readonly Uint8Array[];
}

/**
 * Reads features of tf.Example messages (core/example/example.proto); a feature that comes twice counts as it came last.
 * Fails with INVALID, with the row and the feature, for bytes that are no example, and for values of another type.
 */
export function readExamples(
	batch: Batch,
	features: readonly Feature[],
): readonly FeatureColumn[] {
	const columns = features.map((feature) => featureColumn(feature, batch));
	const finder = new EntryFinder(features);
	eachExample(batch, (reader, row) => {
		finder.clear();
		readFields(reader, [FEATURES], () => finder.find(reader));
		for (const [i, column] of columns.entries())
			readColumn(column, finder, i, reader, row);
	});
	return columns;
}

/** The same of tf.SequenceExample messages, for their context and for their lists. */
export function readSequences(
	batch: Batch,
	context: readonly Feature[],
	lists: readonly Feature[],
): readonly [readonly FeatureColumn[], readonly ListColumn[]] {
	const contexts = context.map((feature) => featureColumn(feature, batch));
	const columns = lists.map((feature) => ({
		...featureColumn(feature, batch),
		lengths: new Int32Array(batch.examples.length).fill(MISSING),
		counts: [],
	}));
	const finders = [new EntryFinder(context), new EntryFinder(lists)];
	eachExample(batch, (reader, row) => {
		for (const finder of finders) finder.clear();
		readFields(reader, [FEATURES, FEATURE_LISTS], (field) =>
			finders[field - 1].find(reader),
		);
		for (const [i, column] of contexts.entries())
			readColumn(column, finders[0], i, reader, row);
		for (const [i, column] of columns.entries())
			readList(column, finders[1], i, reader, row);
	});
	return [contexts, columns];
}

/** The error of one example of a batch. */
export function exampleError(
	{ examples, names }: Batch,
	row: number,
	reason: string,
	cause?: unknown,
): MlshipError {
	const name = names[row];
	const called =
		name === undefined ? "" : ` ("${Buffer.from(name).toString("utf8")}")`;
	return fail(
		"INVALID",
		`cannot parse example ${row} of ${examples.length}${called}: ${reason}`,
		cause === undefined ? {} : { cause },
	);
}

/** Field numbers of Example and SequenceExample. */
const FEATURES = 1;
const FEATURE_LISTS = 2;

function featureColumn(feature: Feature, { examples }: Batch): FeatureColumn {
	return {
		...feature,
		values: new FeatureValues(feature.dtype),
		counts: new Int32Array(examples.length).fill(MISSING),
	};
}

function eachExample(
	batch: Batch,
	read: (reader: WireReader, row: number) => void,
): void {
	for (const [row, bytes] of batch.examples.entries())
		try {
			read(new WireReader(bytes), row);
		} catch (error) {
			const { message } = asMlshipError(error);
			throw exampleError(batch, row, message, error);
		}
}

/** Calls `read` inside every field of a message that has one of these numbers and a message for its value. */
function readFields(
	reader: WireReader,
	fields: readonly number[],
	read: (field: number) => void,
): void {
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		if ((tag & 7) !== 2 || !fields.includes(tag >>> 3)) {
			reader.skip(tag & 7, 0);
			continue;
		}
		const outer = reader.enter();
		read(tag >>> 3);
		reader.leave(outer);
	}
}

function readColumn(
	{ key, values, counts }: FeatureColumn,
	{ starts, ends, slots }: EntryFinder,
	index: number,
	reader: WireReader,
	row: number,
): void {
	const slot = slots[index];
	if (starts[slot] < 0) return;
	reader.seek(starts[slot], ends[slot]);
	counts[row] = named(key, () => values.read(reader));
}

function readList(
	column: ListColumn & { readonly counts: number[] },
	{ starts, ends, slots }: EntryFinder,
	index: number,
	reader: WireReader,
	row: number,
): void {
	const slot = slots[index];
	if (starts[slot] < 0) return;
	reader.seek(starts[slot], ends[slot]);
	const before = column.counts.length;
	named(column.key, () =>
		readFields(reader, [1], () =>
			column.counts.push(column.values.read(reader)),
		),
	);
	column.lengths[row] = column.counts.length - before;
}

function named<T>(key: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		const { code, message } = asMlshipError(error);
		throw fail(code, `feature "${showKey(key)}": ${message}`);
	}
}

/** A key as text. */
export function showKey(key: string): string {
	return Buffer.from(key, "latin1").toString("utf8");
}

/** Notes where the wanted entries of a map of features stand. Has a lifetime: one batch. */
class EntryFinder {
	/** By slot: where the value starts, -1 for none, and ends. */
	readonly starts: Int32Array;
	readonly ends: Int32Array;
	/** The slot of each feature: equal keys share one. */
	readonly slots: readonly number[];
	readonly #slotOf: ReadonlyMap<string, number>;

	constructor(features: readonly Feature[]) {
		const keys = [...new Set(features.map(({ key }) => key))];
		const slotOf = new Map(keys.map((key, i) => [key, i]));
		this.starts = new Int32Array(keys.length);
		this.ends = new Int32Array(keys.length);
		this.slots = features.map(({ key }) => slotOf.get(key) ?? 0);
		this.#slotOf = slotOf;
	}

	clear(): void {
		this.starts.fill(-1);
	}

	/** Reads `map<string, …> = 1`, whose entries have their key in field 1 and their value in field 2. */
	find(reader: WireReader): void {
		readFields(reader, [1], () => this.#entry(reader));
	}

	#entry(reader: WireReader): void {
		let key = "";
		let start = reader.pos;
		let end = start;
		while (reader.pos < reader.end) {
			const tag = reader.varint32();
			if (tag === KEY_TAG) key = byteText(reader.bytes());
			else if (tag === VALUE_TAG) {
				const length = reader.length();
				start = reader.pos;
				end = start + length;
				reader.pos = end;
			} else reader.skip(tag & 7, 0);
		}
		const slot = this.#slotOf.get(key);
		if (slot === undefined) return;
		this.starts[slot] = start;
		this.ends[slot] = end;
	}
}

const KEY_TAG = (1 << 3) | 2;
const VALUE_TAG = (2 << 3) | 2;
