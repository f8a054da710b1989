import { TensorType } from "../../../gen/tflite.js";
import type { LiteFields } from "../../lite/schema.js";
import { decodeStrings } from "../../lite/strings.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * The runtime gives no string to JavaScript and takes none, but it moves and compares them. Strings that come in are constants of
 * the file that runs; those that come out are among these, those of the model and the empty one, as no operator makes others: the
 * file tells which one each is equal to.
 */
export class Texts {
	/** Every string that there may be, once. */
	readonly all: readonly Uint8Array[];

	constructor(model: LiteFields<"Model">, inputs: readonly Tensor[]) {
		const found = new Map<string, Uint8Array>();
		const see = (text: Uint8Array) =>
			found.set(Buffer.from(text).toString("latin1"), text);
		see(new Uint8Array(0));
		for (const { dtype, data } of inputs)
			if (dtype === "string")
				for (const text of data as readonly Uint8Array[]) see(text);
		for (const { tensors = [] } of model.subgraphs ?? [])
			for (const { type, buffer = 0 } of tensors) {
				const { data } = model.buffers?.[buffer] ?? {};
				if (type === TensorType.STRING && data instanceof Uint8Array)
					if (data.length > 0) decodeStrings(data).forEach(see);
			}
		this.all = [...found.values()];
	}

	/** Strings of a shape, told by which of `all` each is: a row of zeros and a one for each. */
	joined(shape: readonly number[], isEqual: Uint8Array): Tensor {
		const width = this.all.length;
		const data = Array.from({ length: isEqual.length / width }, (_, row) => {
			const at = isEqual.indexOf(1, row * width) - row * width;
			return this.all[at];
		});
		return { dtype: "string", shape, data };
	}
}
