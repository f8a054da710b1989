import type { scatteringOps } from "../../../../ops/array/scattering.js";
import { arithmetic } from "../../arithmetic.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unsupported,
} from "../../lowering.js";
import { int32Input } from "../numbers.js";
import { selected, shapeOf } from "../rows.js";

const scatter: LiteLowering = ({ emit, input, cast, outputs, ...rest }) =>
	emit(
		"SCATTER_ND",
		[
			cast(input(0), "int32"),
			input(1),
			int32Input({ emit, input, cast, outputs, ...rest }, 2),
		],
		outputs[0],
	);

/** Updates where the indices say, zeros elsewhere. */
function scattered(context: LiteContext, updates: LiteValue): LiteValue {
	const { emit, input, cast } = context;
	return emit(
		"SCATTER_ND",
		[cast(input(1), "int32"), updates, shapeOf(context, input(0))],
		{ dtype: updates.dtype, shape: input(0).shape },
	);
}

const add: LiteLowering = (context) =>
	arithmetic(context).add(
		context.input(0),
		scattered(context, context.input(2)),
	);

/** What no index names stays. */
const update: LiteLowering = (context) => {
	const { emit, input, scalar } = context;
	const ones = emit("FILL", [shapeOf(context, input(2)), scalar("int32", 1)], {
		dtype: "int32",
		shape: input(2).shape,
	});
	const isNamed = arithmetic(context).less(0, scattered(context, ones));
	return selected(context, isNamed, scattered(context, input(2)), input(0));
};

const extreme = unsupported("TensorFlow Lite adds what it scatters");

export const scatteringRows: LiteTable<typeof scatteringOps> = {
	ScatterNd: scatter,
	TensorScatterUpdate: update,
	TensorScatterAdd: add,
	TensorScatterMax: extreme,
	TensorScatterMin: extreme,
};
