import type { MetaGraphDef } from "../../gen/saved_model_pb.js";
import { INIT_SIGNATURE } from "./signature.js";

/** Where TensorFlow 1 names the operation. */
export const INIT_COLLECTION = "saved_model_main_op";

/** The newer first. */
const INIT_COLLECTIONS = [INIT_COLLECTION, "legacy_init_op"] as const;

/** The node that a loader runs once after the variables are restored; undefined where a model has none. */
export function initOperation({
	signatureDef,
	collectionDef,
}: MetaGraphDef): string | undefined {
	const named = signatureDef[INIT_SIGNATURE]?.outputs[INIT_SIGNATURE]?.encoding;
	if (named?.case === "name" && named.value !== "") return named.value;
	for (const key of INIT_COLLECTIONS) {
		const kind = collectionDef[key]?.kind;
		if (kind?.case === "nodeList" && kind.value.value.length > 0)
			return kind.value.value[0];
	}
	return undefined;
}
