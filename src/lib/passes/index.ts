import { expandComposites, expanding, type IsLacking } from "./expand.js";
import { foldConstants } from "./fold.js";
import { forwardIdentities } from "./forward.js";
import type { Pass } from "./pass.js";
import { fuseAffine } from "./patterns/affine.js";
import { fuseDilations } from "./patterns/dilation.js";
import { fusePadding } from "./patterns/padding.js";
import { fuseRepeats } from "./patterns/repeat.js";
import { replaceSignBits } from "./patterns/sign-bit.js";
import { prune } from "./prune.js";

export interface PassRow {
	readonly name: string;
	/** Why it is there, and there in the order. */
	readonly why: string;
	readonly pass: Pass;
}

/** THE list of passes, in order. */
export const PASSES: readonly PassRow[] = [
	{
		name: "prune",
		why: "an exporter leaves training and saving in the graph",
		pass: prune,
	},
	{
		name: "forward",
		why: "patterns see through names",
		pass: forwardIdentities,
	},
	{
		name: "expand",
		why: "later passes and targets know primitive ops only",
		pass: expandComposites,
	},
	{
		name: "fold",
		why: "shapes and batch-norm factors become constants that patterns can read",
		pass: foldConstants,
	},
	{
		name: "dilation",
		why: "old Keras writes dilated convolutions as three nodes",
		pass: fuseDilations,
	},
	{
		name: "padding",
		why: "a convolution can pad by itself",
		pass: fusePadding,
	},
	{
		name: "repeat",
		why: "Keras enlarges pictures by repeating pixels, out of the layout that convolutions want",
		pass: fuseRepeats,
	},
	{
		name: "sign bit",
		why: "Keras looks at the bits of numbers before it takes their argmax",
		pass: replaceSignBits,
	},
	{
		name: "affine",
		why: "a factor and an offset a channel after a convolution belong into its weights",
		pass: fuseAffine,
	},
	{
		name: "prune again",
		why: "fused and folded nodes leave constants behind",
		pass: prune,
	},
];

/** The same for a target without a host beside it, which lacks the kernels of some ops. */
export function passesWithout(isLacking: IsLacking): readonly PassRow[] {
	return PASSES.map((row) =>
		row.name === "expand" ? { ...row, pass: expanding(isLacking) } : row,
	);
}
