import {
	findMetaGraph,
	parseTags,
	readSavedModel,
} from "../../lib/savedmodel/read.js";
import { requireKey } from "../../lib/savedmodel/signature.js";
import type { InspectOptions } from "../inspect.js";
import {
	compatAll,
	compatKeys,
	compatOps,
	compatSignature,
	compatTagSets,
} from "../ui/compat.js";

/** What `saved_model_cli show` prints for the same options (python/tools/saved_model_cli.py, show). */
export function compatText(dir: string, options: InspectOptions): string {
	const model = readSavedModel(dir);
	if (options.all) return compatAll(model);
	const tags = parseTags(options.tagSet);
	if (tags === undefined) {
		const remark = options.listOps
			? "--list_ops must be paired with a tag-set or with --all.\n"
			: "";
		return remark + compatTagSets(model);
	}
	const metaGraph = findMetaGraph(model, tags);
	const ops = options.listOps ? compatOps(metaGraph) : "";
	if (options.signature === undefined) return ops + compatKeys(metaGraph);
	requireKey(options.signature, Object.keys(metaGraph.signatureDef));
	return ops + compatSignature(metaGraph, options.signature);
}
