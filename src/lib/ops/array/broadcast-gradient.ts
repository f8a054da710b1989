import type { ValueName } from "../../graph/ir.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { composite, type ExpandContext, type OpEntry } from "../define.js";
import { castTo, formula } from "../formula.js";

/** What gradients of operands that were stretched are summed along. */
export const broadcastGradientOps = {
	BroadcastGradientArgs: composite(expandBroadcastGradientArgs),
} as const satisfies Record<string, OpEntry>;

/**
 * Of two shapes the axes along which each is 1, both filled up to one rank; none if they are the same (util/bcast.h). Along
 * an axis where both are 1 nothing is summed that matters.
 */
function expandBroadcastGradientArgs(
	context: ExpandContext,
): readonly ValueName[] {
	const { inputs, types, add, constantOf, scalar } = context;
	const T = types[0].dtype;
	const count = formula(context, "int32");
	const sizes = formula(context, T);
	const ranks = inputs.map((shape) =>
		add("Size", [shape], { T, out_type: "int32" }),
	);
	const rank = count.max(ranks[0], ranks[1]);
	const axis = scalar("int32", 0);
	const filled = inputs.map((shape, i) => {
		const missing = add("ExpandDims", [count.sub(rank, ranks[i]), axis], {
			T: "int32",
			Tdim: "int32",
		});
		const ones = add("Fill", [missing, scalar(T, 1)], {
			T,
			index_type: "int32",
		});
		return add("ConcatV2", [ones, shape, axis], { T, N: 2, Tidx: "int32" });
	});
	const isEqual = add(
		"All",
		[
			sizes.equal(filled[0], filled[1]),
			constantOf(tensorFromNumbers("int32", [1], [0])),
		],
		{ Tidx: "int32", keep_dims: false },
	);
	const isSame = add(
		"LogicalAnd",
		[isEqual, count.equal(ranks[0], ranks[1])],
		{},
	);
	const differs = add("LogicalNot", [isSame]);
	const flat = constantOf(tensorFromNumbers("int32", [1], [-1]));
	return filled.map((shape) => {
		const isOne = add("LogicalAnd", [sizes.equal(shape, 1), differs]);
		const places = add(
			"Reshape",
			[add("Where", [isOne], { T: "bool" }), flat],
			{
				T: "int64",
				Tshape: "int32",
			},
		);
		return castTo(context, places, "int64", T);
	});
}
