import { fail } from "../../errors.js";
import { ByteWriter } from "../../tensor/json/byte-writer.js";
import { lineBreak } from "../../tensor/json/layout.js";
import { MAX_NUMBER_BYTES, putFloat32 } from "../../tensor/json/number-text.js";
import { putString } from "../../tensor/json/string-text.js";
import type { ClassScore } from "../examples/classify.js";

/**
 * The body of the answer to a classify request, byte for byte as TensorFlow Serving writes it (json_tensor.cc,
 * MakeJsonFromClassificationResult): all examples on one line, the bracket that closes them on the next.
 */
export function encodeClassification(
	results: readonly (readonly ClassScore[])[],
): Uint8Array {
	if (results.length === 0)
		throw fail("INVALID", "Cannot convert empty ClassificationResults to JSON");
	const writer = openResults(results.length * 32);
	for (const [i, classes] of results.entries()) {
		writer.putText(i === 0 ? "[" : ", [");
		for (const [j, { label, score }] of classes.entries()) {
			writer.putText(j === 0 ? "[" : ", [");
			putString(writer, label);
			writer.putText(", ");
			putScore(writer, score);
			writer.putText("]");
		}
		writer.putText("]");
	}
	writer.put(lineBreak(1));
	return closeResults(writer);
}

/** The body of the answer to a regress request, on one line but for the object around it (MakeJsonFromRegressionResult). */
export function encodeRegression(results: Float32Array): Uint8Array {
	if (results.length === 0)
		throw fail("INVALID", "Cannot convert empty RegressionResults to JSON");
	const writer = openResults(results.length * 14);
	for (let i = 0; i < results.length; i++) {
		if (i > 0) writer.putText(", ");
		putScore(writer, results[i]);
	}
	return closeResults(writer);
}

function openResults(expected: number): ByteWriter {
	const writer = new ByteWriter(64 + expected);
	writer.putText("{");
	writer.put(lineBreak(1));
	writer.putText('"results": [');
	return writer;
}

function closeResults(writer: ByteWriter): Uint8Array {
	writer.putText("]");
	writer.put(lineBreak(0));
	writer.putText("}");
	return writer.finish();
}

function putScore(writer: ByteWriter, score: number): void {
	const out = writer.reserve(MAX_NUMBER_BYTES);
	writer.length = putFloat32(out, writer.length, score);
}
