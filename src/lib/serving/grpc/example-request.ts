import {
	type InferenceTask,
	InferenceTaskSchema,
	type ModelSpec,
	ModelSpecSchema,
} from "../../../gen/prediction_pb.js";
import { decodeMessage } from "../../formats/protobuf.js";
import { LENGTH_DELIMITED, WireReader } from "../../formats/wire.js";
import type { Examples } from "../examples/input.js";
import { asRequest } from "./codec.js";

/** A ClassificationRequest or a RegressionRequest, which are alike, or a MultiInferenceRequest, which has tasks. */
export interface ExampleRequest {
	readonly spec: ModelSpec | undefined;
	readonly tasks: readonly InferenceTask[];
	/** The examples as they were sent: models parse them themselves. */
	readonly examples: Examples;
}

const SPEC_OR_TASK = (1 << 3) | LENGTH_DELIMITED;
const INPUT = (2 << 3) | LENGTH_DELIMITED;

/** An example takes memory however short it is. */
const EXAMPLE_BYTES = 16;

/** More would be asked of more signatures than any model has. */
const MAX_TASKS = 1_000;

/** Reads a request for answers to one signature; fails with INVALID where the bytes are none, or of too many examples. */
export function readExampleRequest(
	bytes: Uint8Array,
	maxBody: number,
): ExampleRequest {
	return read(bytes, maxBody, (request, part) => {
		request.spec = decodeMessage(ModelSpecSchema, part);
	});
}

/** The same for a request for answers to many. */
export function readMultiInferenceRequest(
	bytes: Uint8Array,
	maxBody: number,
): ExampleRequest {
	return read(bytes, maxBody, ({ tasks }, part, reader) => {
		tasks.push(decodeMessage(InferenceTaskSchema, part));
		if (tasks.length > MAX_TASKS)
			throw reader.broken(`it has more than ${MAX_TASKS} tasks`);
	});
}

interface Draft {
	spec: ModelSpec | undefined;
	readonly tasks: InferenceTask[];
	examples: SentExamples;
}

interface SentExamples {
	readonly examples: Uint8Array[];
	context?: Uint8Array;
}

function read(
	bytes: Uint8Array,
	maxBody: number,
	readFirst: (request: Draft, part: Uint8Array, reader: WireReader) => void,
): ExampleRequest {
	return asRequest(() => {
		const reader = new WireReader(bytes);
		const request: Draft = {
			spec: undefined,
			tasks: [],
			examples: { examples: [] },
		};
		while (reader.pos < reader.end) {
			const tag = reader.varint32();
			if (tag === SPEC_OR_TASK) readFirst(request, reader.bytes(), reader);
			else if (tag === INPUT)
				request.examples = readInput(reader, maxBody / EXAMPLE_BYTES);
			else reader.skip(tag & 7, 0);
		}
		return request;
	});
}

const EXAMPLE_LIST = (1 << 3) | LENGTH_DELIMITED;
const EXAMPLE_LIST_WITH_CONTEXT = (2 << 3) | LENGTH_DELIMITED;

/** Of both kinds of list the last one counts. */
function readInput(reader: WireReader, most: number): SentExamples {
	let examples: SentExamples = { examples: [] };
	const outer = reader.enter();
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		if (tag === EXAMPLE_LIST) examples = readList(reader, most, false);
		else if (tag === EXAMPLE_LIST_WITH_CONTEXT)
			examples = readList(reader, most, true);
		else reader.skip(tag & 7, 0);
	}
	reader.leave(outer);
	return examples;
}

const EXAMPLES = (1 << 3) | LENGTH_DELIMITED;
const CONTEXT = (2 << 3) | LENGTH_DELIMITED;

function readList(
	reader: WireReader,
	most: number,
	hasContext: boolean,
): SentExamples {
	const list: SentExamples = { examples: [] };
	const outer = reader.enter();
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		if (tag === EXAMPLES) list.examples.push(reader.bytes());
		else if (tag === CONTEXT && hasContext) list.context = reader.bytes();
		else reader.skip(tag & 7, 0);
		if (list.examples.length > most)
			throw reader.broken(`it has more than ${Math.floor(most)} examples`);
	}
	reader.leave(outer);
	return list;
}
