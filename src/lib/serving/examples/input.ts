import { fail } from "../../errors.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Records of named features, as the models that parse them take them. */
export interface Examples {
	/** Each a serialized `tf.Example`. */
	readonly examples: readonly Uint8Array[];
	/** Another one, whose features all of them have. */
	readonly context?: Uint8Array | undefined;
}

/**
 * The vector of strings that a signature's `inputs` takes. Bytes of messages one after the other are those of the messages
 * merged, so a context is put before each example (util.cc, InputToSerializedExampleTensor). Fails with INVALID where
 * there are none.
 */
export function serializedExamples({ examples, context }: Examples): Tensor {
	if (examples.length === 0) throw fail("INVALID", "Input is empty.");
	return {
		dtype: "string",
		shape: [examples.length],
		data:
			context === undefined
				? examples
				: examples.map((example) => Buffer.concat([context, example])),
	};
}
