import { fail, MlshipError } from "../../errors.js";
import { LENGTH_DELIMITED, WireReader } from "../../formats/wire.js";
import type { DType } from "../../tensor/dtype.js";
import { EntryFinder } from "./entry-finder.js";
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
	readonly counts: number[];
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
	const finders = [undefined, finder];
	eachExample(batch, (reader, row) => {
		findEntries(reader, finders);
		for (let i = 0; i < columns.length; i++)
			readColumn(columns[i], finder, i, reader, row);
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
	const contextFinder = new EntryFinder(context);
	const listFinder = new EntryFinder(lists);
	const finders = [undefined, contextFinder, listFinder];
	eachExample(batch, (reader, row) => {
		findEntries(reader, finders);
		for (let i = 0; i < contexts.length; i++)
			readColumn(contexts[i], contextFinder, i, reader, row);
		for (let i = 0; i < columns.length; i++)
			readList(columns[i], listFinder, i, reader, row);
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

function featureColumn(feature: Feature, { examples }: Batch): FeatureColumn {
	return {
		...feature,
		values: new FeatureValues(feature.dtype),
		counts: new Int32Array(examples.length).fill(MISSING),
	};
}

/** One reader over all examples: making one for each would take as long as reading it. */
function eachExample(
	batch: Batch,
	read: (reader: WireReader, row: number) => void,
): void {
	const { examples } = batch;
	const reader = new WireReader(Buffer.concat(examples));
	let start = 0;
	for (let row = 0; row < examples.length; row++) {
		const end = start + examples[row].length;
		reader.seek(start, end);
		start = end;
		try {
			read(reader, row);
		} catch (error) {
			if (!(error instanceof MlshipError)) throw error;
			const { message } = aloneError(examples[row], row, read) ?? error;
			throw exampleError(batch, row, message, error);
		}
	}
}

/** The same error with places that are counted from the start of its example. */
function aloneError(
	bytes: Uint8Array,
	row: number,
	read: (reader: WireReader, row: number) => void,
): MlshipError | undefined {
	try {
		read(new WireReader(bytes), row);
	} catch (error) {
		if (error instanceof MlshipError) return error;
	}
	return undefined;
}

/** Notes the entries of the maps in an Example or SequenceExample, by the number of the map's field. */
function findEntries(
	reader: WireReader,
	finders: readonly (EntryFinder | undefined)[],
): void {
	for (const finder of finders) finder?.clear();
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		const finder = finders[tag >>> 3];
		if (finder === undefined || (tag & 7) !== LENGTH_DELIMITED) {
			reader.skip(tag & 7, 0);
			continue;
		}
		const outer = reader.enter();
		finder.find(reader);
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
	try {
		counts[row] = values.read(reader);
	} catch (error) {
		throw featureError(key, error);
	}
}

/** FeatureList has its features in field 1. */
function readList(
	{ key, values, counts, lengths }: ListColumn,
	{ starts, ends, slots }: EntryFinder,
	index: number,
	reader: WireReader,
	row: number,
): void {
	const slot = slots[index];
	if (starts[slot] < 0) return;
	reader.seek(starts[slot], ends[slot]);
	const before = counts.length;
	try {
		while (reader.pos < reader.end) {
			const tag = reader.varint32();
			if (tag !== FEATURE_TAG) {
				reader.skip(tag & 7, 0);
				continue;
			}
			const outer = reader.enter();
			counts.push(values.read(reader));
			reader.leave(outer);
		}
	} catch (error) {
		throw featureError(key, error);
	}
	lengths[row] = counts.length - before;
}

const FEATURE_TAG = (1 << 3) | LENGTH_DELIMITED;

function featureError(key: string, error: unknown): unknown {
	return error instanceof MlshipError
		? fail(error.code, `feature "${showKey(key)}": ${error.message}`)
		: error;
}

/** A key as text. */
export function showKey(key: string): string {
	return Buffer.from(key, "latin1").toString("utf8");
}
