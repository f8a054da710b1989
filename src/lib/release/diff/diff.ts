import { readVersion, summarizeVersion } from "../../repository/version.js";
import type { MetaGraphSummary } from "../../savedmodel/summary.js";
import { weightsOf } from "./constants.js";
import { compareSignatures, type SignatureChange } from "./signatures.js";
import {
	compareLayers,
	compareOps,
	type LayerChanges,
	type OpChange,
} from "./structure.js";
import { compareWeights, type WeightChanges } from "./weights.js";

/** What two versions differ in. */
export interface VersionDiff {
	readonly signatures: readonly SignatureChange[];
	readonly ops: readonly OpChange[];
	readonly layers: LayerChanges;
	readonly weights: WeightChanges;
}

/** Compares two versions by their folders. Fails as `readVersion` and readers of weights do. */
export function diffVersions(from: string, to: string): VersionDiff {
	const [before, after] = [servedGraph(from), servedGraph(to)];
	return {
		signatures: compareSignatures(before.signatures, after.signatures),
		ops: compareOps(before.ops, after.ops),
		layers: compareLayers(before.layers, after.layers),
		weights: compareWeights(
			weightsOf(readVersion(from)),
			weightsOf(readVersion(to)),
		),
	};
}

/** The signatures alone: what a gate asks. */
export function diffSignatures(from: string, to: string): SignatureChange[] {
	return compareSignatures(
		servedGraph(from).signatures,
		servedGraph(to).signatures,
	);
}

function servedGraph(dir: string): MetaGraphSummary {
	const { metaGraphs } = summarizeVersion(dir);
	return (
		metaGraphs.find(({ tags }) => tags.join() === "serve") ?? metaGraphs[0]
	);
}
