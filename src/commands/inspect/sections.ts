import type { InspectOptions } from "../inspect.js";
import type { InspectSections } from "../ui/inspect.js";

/** What the options ask to be printed: named sections only, or what a person needs first. */
export function sectionsOf(
	options: InspectOptions,
): InspectSections & { readonly isDefault: boolean } {
	const { all, ops, listOps, layers, weights, signature } = options;
	const isNamed = Boolean(ops || listOps || layers || weights);
	return {
		isDefault: !all && !isNamed && signature === undefined,
		signatures: Boolean(all) || !isNamed,
		overview: Boolean(all) || (!isNamed && signature === undefined),
		ops: Boolean(ops || (all && !listOps)),
		opNames: Boolean(listOps),
		layers: Boolean(layers),
		weights: Boolean(weights),
		signatureLimit: all ? Number.POSITIVE_INFINITY : SHOWN_SIGNATURES,
		weightLimit: all ? Number.POSITIVE_INFINITY : SHOWN_WEIGHTS,
	};
}

const SHOWN_SIGNATURES = 8;
const SHOWN_WEIGHTS = 20;
