import { fail } from "../../errors.js";
import { intsAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import { DTYPES } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { composite, type ExpandContext, type OpEntry } from "../define.js";
import { formula, type Term } from "../formula.js";
import { knownElements } from "../shapes.js";
import { type Patches, windowPatches } from "./patches.js";
import {
	axisLayout,
	isChannelsLast,
	paddingOf,
	spatialItems,
} from "./window.js";

/** Maxima under a window of which targets know only special cases. */
export const windowMaximumOps = {
	MaxPoolV2: composite(poolByInputs),
	Dilation2D: composite(dilation),
} as const satisfies Record<string, OpEntry>;

/** Pooling whose window is an input: a constant in most models. */
function poolByInputs(context: ExpandContext): ValueName[] {
	const { node, types, inputs, add, addMany } = context;
	const known = [1, 2].map((index) =>
		knownElements({ ...context, inputs: types }, index),
	);
	const layout = axisLayout(node);
	const [ksize, strides] = known;
	if (ksize !== undefined && strides !== undefined)
		return [
			add("MaxPool", [inputs[0]], {
				...node.attrs,
				ksize,
				strides,
				explicit_paddings: [],
			}),
		];
	if (!isChannelsLast(layout))
		throw fail(
			"UNSUPPORTED",
			"cannot expand MaxPoolV2 on NCHW: its window must be known before it runs",
		);
	const sizes = (index: number): Term[] => {
		const items = addMany("Unpack", [inputs[index]], 4, {
			T: "int32",
			num: 4,
			axis: 0,
		});
		return layout.spatial.map((axis) => items[axis]);
	};
	const window = {
		kernel: sizes(1),
		strides: sizes(2),
		dilations: layout.spatial.map(() => 1),
		padding: paddingOf(node, layout),
	};
	const patches = windowPatches(context, layout, window, lowest(context));
	return [maximum(context, patches, patches.value)];
}

/** Grey dilation: the largest sum of what is under the window and the filter there; filters are [height, width, channels]. */
function dilation(context: ExpandContext): ValueName[] {
	const { node, inputs, types, add, scalar } = context;
	const layout = axisLayout(node);
	const window = {
		kernel: filterSizes(context),
		strides: spatialItems(intsAttr(node, "strides"), layout),
		dilations: spatialItems(intsAttr(node, "rates"), layout),
		padding: paddingOf(node, layout),
	};
	const patches = windowPatches(context, layout, window, lowest(context));
	const filter = add("ExpandDims", [inputs[1], scalar("int32", 1)], {
		T: node.attrs.T,
		Tdim: "int32",
	});
	const sums = formula(context, types[0].dtype).add(patches.value, filter);
	return [maximum(context, patches, sums)];
}

function filterSizes({
	node,
	inputs,
	types,
	addMany,
	add,
}: ExpandContext): Term[] {
	const known = types[1].shape?.slice(0, 2) ?? [-1, -1];
	if (known.every((size) => size >= 0)) return [...known];
	const shape = add("Shape", [inputs[1]], {
		T: node.attrs.T,
		out_type: "int32",
	});
	const attrs = { T: "int32", num: 3, axis: 0 };
	return [...addMany("Unpack", [shape], 3, attrs)].slice(0, 2);
}

/** What never is the largest; a sum with an integer's lowest number would wrap around. */
function lowest({ node, types: [{ dtype }] }: ExpandContext): number {
	const { kind } = DTYPES[dtype];
	if (kind !== "float" && kind !== "half")
		throw fail(
			"UNSUPPORTED",
			`cannot expand ${node.op} on ${dtype}: mlship does so on floats only`,
		);
	return Number.NEGATIVE_INFINITY;
}

function maximum(
	{ node, add, constantOf }: ExpandContext,
	{ kernelAxes }: Patches,
	value: ValueName,
): ValueName {
	const axes = constantOf(
		tensorFromNumbers("int32", [kernelAxes.length], kernelAxes),
	);
	return add("Max", [value, axes], {
		T: node.attrs.T,
		Tidx: "int32",
		keep_dims: false,
	});
}
