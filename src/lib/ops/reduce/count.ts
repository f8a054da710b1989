import type { InferRule, OpEntry } from "../define.js";
import { primitive } from "../define.js";
import { elementsOf } from "../shapes.js";

/** How often each number below `size` occurs, or the sum of the weights where it does. */
const bincount: InferRule = (context) => [
	{
		dtype: context.inputs[2].dtype,
		shape: [elementsOf(context, 1)?.[0] ?? -1],
	},
];

/** As `bincount`, for each row of a matrix. */
const denseBincount: InferRule = (context) => {
	const [{ shape }, , { dtype }] = context.inputs;
	const size = elementsOf(context, 1)?.[0] ?? -1;
	if (shape === undefined) return [{ dtype, shape: undefined }];
	return [{ dtype, shape: shape.length === 2 ? [shape[0], size] : [size] }];
};

export const countOps = {
	Bincount: primitive(bincount),
	DenseBincount: primitive(denseBincount),
} as const satisfies Record<string, OpEntry>;
