import { fail } from "../../errors.js";
import { attrBytes } from "../../graph/attrs.js";
import type { DType } from "../../tensor/dtype.js";
import { showShape, type Tensor } from "../../tensor/tensor.js";
import { byteText } from "../byte-text.js";
import type { Batch, Feature } from "./example-reader.js";

/** Keys that are given as tensors of strings. */
export function keysOf(tensors: readonly Tensor[]): readonly string[] {
	return tensors.flatMap(({ data }) =>
		(data as readonly Uint8Array[]).map((key) => byteText(key)),
	);
}

/** Keys that are given as an attribute. */
export function textKeys(keys: readonly string[]): readonly string[] {
	return keys.map((key) => byteText(attrBytes(key)));
}

/** Fails with INVALID where keys and types are not as many. */
export function featuresOf(
	keys: readonly string[],
	dtypes: readonly DType[],
): readonly Feature[] {
	if (keys.length !== dtypes.length)
		throw fail(
			"INVALID",
			`cannot parse ${keys.length} features of ${dtypes.length} types: wanted one type each`,
		);
	return keys.map((key, i) => ({ key, dtype: dtypes[i] }));
}

/** Serialized messages, one or a vector of them. */
export function batchOf(serialized: Tensor, names?: Tensor): Batch {
	const examples = serialized.data as readonly Uint8Array[];
	const called = (names?.data ?? []) as readonly Uint8Array[];
	if (serialized.shape.length > 1)
		throw fail(
			"INVALID",
			`cannot parse examples of shape ${showShape(serialized.shape)}: a scalar or a vector was wanted`,
		);
	if (called.length > 0 && called.length !== examples.length)
		throw fail(
			"INVALID",
			`cannot parse ${examples.length} examples with ${called.length} names: wanted none or one each`,
		);
	return { examples, names: called };
}
