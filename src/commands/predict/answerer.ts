import type { Tensors } from "../../lib/engines/engine.js";
import {
	DEFAULT_SIGNATURE,
	type Signature,
} from "../../lib/savedmodel/signature.js";

/** What answers: a model in this process, or a server. Has a lifetime: `close()` ends it. */
export interface Answerer {
	/** The keys that can be called. */
	readonly keys: readonly string[];
	/** Where a version's own files are; undefined for a server. */
	readonly dir: string | undefined;
	signature(key: string): Signature;
	run(signature: Signature, inputs: Tensors): Promise<Tensors>;
	/** The bytes that TensorFlow Serving's REST API answers a body with. */
	answer(body: Uint8Array): Promise<Uint8Array>;
	close(): Promise<void>;
}

/** The signature that is named, else the default one, else the only one. */
export function signatureToRun(
	{ keys, signature }: Pick<Answerer, "keys" | "signature">,
	named: string | undefined,
): Signature {
	const usual = keys.length === 1 ? keys[0] : DEFAULT_SIGNATURE;
	return signature(named ?? usual);
}
