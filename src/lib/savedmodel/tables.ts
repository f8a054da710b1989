import type { MetaGraphDef } from "../../gen/saved_model_pb.js";
import { fail } from "../errors.js";
import { nearest, quoted } from "../nearest.js";
import type { Constant } from "../tensor/constant.js";
import { DTYPES } from "../tensor/dtype.js";
import { elementCount } from "../tensor/tensor.js";
import type { Bundle } from "./bundle.js";
import type { SavedModelFile } from "./read.js";
import { traceTables } from "./restore.js";
import { openVariables } from "./variables.js";

/** What the checkpoint has of a table; read when it is asked for. */
export interface StoredTable {
	/** Equal for nodes that stand for one table (`resourceOf`). */
	readonly resource: string;
	readonly keys: Constant;
	readonly values: Constant;
}

/** The tables that the restore operation fills. Fails with CORRUPT where the checkpoint lacks what the graph wants. */
export function storedTables(
	model: SavedModelFile,
	{ graphDef, saverDef }: MetaGraphDef,
): readonly StoredTable[] {
	if (graphDef === undefined) return [];
	const traced = traceTables(graphDef, saverDef?.restoreOpName ?? "");
	const bundle = traced.length === 0 ? undefined : openVariables(model.dir);
	if (bundle === undefined) return [];
	return traced.map(({ resource, keys, values }) => ({
		resource,
		keys: stored(bundle, keys),
		values: stored(bundle, values),
	}));
}

function stored(bundle: Bundle, key: string): Constant {
	const entry = bundle.entries.get(key);
	if (entry?.dtype === undefined)
		throw fail(
			"CORRUPT",
			`cannot fill a table: the checkpoint has no "${key}", nearest are ${quoted(nearest(key, bundle.entries.keys()))}`,
			{ at: { key } },
		);
	const { dtype, shape } = entry;
	return {
		dtype,
		shape,
		byteLength: elementCount(shape) * DTYPES[dtype].bytes,
		read: () => bundle.read(key),
	};
}
