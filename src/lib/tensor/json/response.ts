import { fail } from "../../errors.js";
import { readColumns } from "./columns.js";
import { eachMember, Names } from "./members.js";
import type { RequestInput, RequestTensors } from "./request.js";
import { openSource } from "./source.js";
import { documentStart, skipDocument } from "./syntax.js";

/** What an answer is decoded for. */
export interface ResponseSignature {
	readonly key: string;
	readonly outputs: readonly RequestInput[];
}

/**
 * Decodes the answer to a columnar predict request, as TensorFlow Serving writes it. Fails with INVALID where it is
 * something else.
 */
export function decodePredictResponse(
	body: Uint8Array,
	{ key, outputs }: ResponseSignature,
): RequestTensors {
	const source = openSource(body.subarray(0, skipDocument(body)), {});
	if (source === undefined) throw noOutputs();
	const { bytes } = source;
	let at: number | undefined;
	eachMember(bytes, documentStart(bytes), new Names(["outputs"]), (member) => {
		if (member.index === 0) at ??= member.valueAt;
		return undefined;
	});
	if (at === undefined) throw noOutputs();
	return readColumns(source, at, { key, inputs: outputs }).tensors;
}

function noOutputs() {
	return fail("INVALID", 'cannot read the answer: it has no "outputs"');
}
