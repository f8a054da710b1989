import {
	type DescMessage,
	type MessageShape,
	toBinary,
} from "@bufbuild/protobuf";
import { type ModelSpec, ModelSpecSchema } from "../../../gen/prediction_pb.js";
import type { Tensors } from "../../engines/engine.js";
import { fail, MlshipError } from "../../errors.js";
import { decodeMessage } from "../../formats/protobuf.js";
import { LENGTH_DELIMITED, WireReader } from "../../formats/wire.js";
import { fieldSize, WireWriter } from "../../formats/wire-writer.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type Budget, readTensor } from "./tensor-reader.js";
import { measureTensor, type TensorForm } from "./tensor-writer.js";

/** A PredictRequest whose tensors wait until it is known which model they are for. */
export interface PredictRequest {
	readonly spec: ModelSpec | undefined;
	readonly inputs: ReadonlyMap<string, SentInput>;
	readonly outputFilter: readonly string[];
}

export interface SentInput {
	/** Reads the tensor; fails as `readTensor` does. */
	read(budget: Budget): Tensor;
}

/** No model has so many inputs or outputs; each of them costs many times the bytes it is sent in. */
const MAX_NAMES = 10_000;

const MODEL_SPEC = (1 << 3) | LENGTH_DELIMITED;
const INPUTS = (2 << 3) | LENGTH_DELIMITED;
const OUTPUT_FILTER = (3 << 3) | LENGTH_DELIMITED;
const KEY = (1 << 3) | LENGTH_DELIMITED;
const VALUE = (2 << 3) | LENGTH_DELIMITED;

/** Reads a PredictRequest; fails with INVALID where the bytes are none. */
export function readPredictRequest(bytes: Uint8Array): PredictRequest {
	return asRequest(() => {
		const reader = new WireReader(bytes);
		let spec: ModelSpec | undefined;
		const inputs = new Map<string, SentInput>();
		const outputFilter: string[] = [];
		while (reader.pos < reader.end) {
			const tag = reader.varint32();
			if (tag === MODEL_SPEC)
				spec = decodeMessage(ModelSpecSchema, reader.bytes());
			else if (tag === INPUTS) readInput(reader, inputs);
			else if (tag === OUTPUT_FILTER) outputFilter.push(reader.ownString());
			else reader.skip(tag & 7, 0);
			if (inputs.size + outputFilter.length > MAX_NAMES)
				throw reader.broken(`it has more than ${MAX_NAMES} names`);
		}
		return { spec, inputs, outputFilter };
	});
}

function readInput(reader: WireReader, inputs: Map<string, SentInput>): void {
	let name = "";
	let span: { readonly start: number; readonly end: number } | undefined;
	const outer = reader.enter();
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		if (tag === KEY) name = reader.ownString();
		else if (tag === VALUE) {
			const before = reader.enter();
			span = { start: reader.pos, end: reader.end };
			reader.pos = reader.end;
			reader.leave(before);
		} else reader.skip(tag & 7, 0);
	}
	reader.leave(outer);
	const { start, end } = span ?? { start: 0, end: 0 };
	inputs.set(name, {
		read: (budget) => {
			reader.seek(start, end);
			return readTensor(reader, budget);
		},
	});
}

/** Reads any other request; fails with INVALID where the bytes are none. */
export function readRequest<Desc extends DescMessage>(
	schema: Desc,
	bytes: Uint8Array,
): MessageShape<Desc> {
	return asRequest(() => decodeMessage(schema, bytes));
}

/** Broken bytes are the caller's mistake here, and no damage to data of ours. */
export function asRequest<T>(read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof MlshipError && error.code === "CORRUPT"))
			throw error;
		throw fail("INVALID", `cannot read the request: ${error.message}`, {
			cause: error,
		});
	}
}

/** Buffers of Node and messages of gRPC end here. */
const MAX_MESSAGE = 2 ** 31 - 1;

/** A PredictResponse. Fails with OVERLOADED where it would be longer than a message can be. */
export function encodePredictResponse(
	outputs: Tensors,
	spec: ModelSpec,
	form: TensorForm,
): Buffer {
	const entries = Object.entries(outputs).map(([name, output]) => {
		const nameSize = Buffer.byteLength(name);
		const tensor = measureTensor(output, form);
		const size = fieldSize(nameSize) + fieldSize(tensor.size);
		return { name, nameSize, tensor, size };
	});
	const model = toBinary(ModelSpecSchema, spec);
	const size = entries.reduce(
		(sum, entry) => sum + fieldSize(entry.size),
		fieldSize(model.length),
	);
	if (size > MAX_MESSAGE)
		throw fail(
			"OVERLOADED",
			`cannot send the answer: it takes ${size} bytes, a message at most ${MAX_MESSAGE}`,
		);
	const writer = new WireWriter(size);
	for (const { name, nameSize, tensor, size } of entries) {
		writer.head(1, size);
		writer.textField(1, name, nameSize);
		writer.head(2, tensor.size);
		tensor.write(writer);
	}
	writer.bytesField(2, model);
	return writer.data;
}
