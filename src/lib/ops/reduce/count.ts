import { dtypeAttr } from "../../graph/attrs.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import {
	composite,
	type ExpandContext,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import { castTo, formula } from "../formula.js";
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
	HistogramFixedWidth: composite(expandHistogram),
} as const satisfies Record<string, OpEntry>;

/** Numbers outside the range are in the first or last bin (kernels/histogram_op.cc). */
function expandHistogram(context: ExpandContext): readonly string[] {
	const { node, inputs, types, add, scalar, constantOf } = context;
	const [values, range, bins] = inputs;
	const T = types[0].dtype;
	const own = formula(context, T);
	const double = formula(context, "float64");
	const end = (index: number) =>
		add("GatherV2", [range, scalar("int32", index), scalar("int32", 0)], {
			Tparams: T,
			Tindices: "int32",
			Taxis: "int32",
			batch_dims: 0,
		});
	const low = end(0);
	const wide = (value: string) => castTo(context, value, T, "float64");
	const count = castTo(context, bins, "int32", "float64");
	const width = double.div(wide(own.sub(end(1), low)), count);
	const place = double.min(
		double.div(wide(own.sub(own.max(values, low), low)), width),
		double.sub(count, 1),
	);
	const dtype = dtypeAttr(node, "dtype");
	const ones = constantOf(tensorFromNumbers(dtype, [0], []));
	const places = castTo(context, place, "float64", "int32");
	return [add("Bincount", [places, bins, ones], { T: dtype })];
}
