import { dtypeAttr, intAttr } from "../../../graph/attrs.js";
import type { LiteOp } from "../../../lite/schema.js";
import type { LiteContext, LiteLowering, LiteRow } from "../lowering.js";
import { int32Input } from "./numbers.js";

/** Numbers of TensorFlow Lite's own generator, which gives others than TensorFlow's for a seed. */
const drawn =
	(op: LiteOp): LiteLowering =>
	(context) => {
		const { emit, outputs, cast } = context;
		const made = emit(
			op,
			[int32Input(context, 0)],
			{ dtype: "float32", shape: outputs[0].shape },
			["RandomOptions", seeds(context)],
		);
		return cast(made, outputs[0].dtype);
	};

const classes: LiteLowering = (context) => {
	const { emit, input, outputs, cast, node } = context;
	const wanted = dtypeAttr(node, "output_dtype");
	return emit(
		"MULTINOMIAL",
		[cast(input(0), "float32"), cast(input(1), "int32")],
		{ dtype: wanted, shape: outputs[0].shape },
		["RandomOptions", seeds(context)],
	);
};

function seeds({ node }: LiteContext) {
	return {
		seed: BigInt(intAttr(node, "seed")),
		seed2: BigInt(intAttr(node, "seed2")),
	};
}

export const randomRows: Readonly<Record<string, LiteRow>> = {
	RandomUniform: drawn("RANDOM_UNIFORM"),
	RandomStandardNormal: drawn("RANDOM_STANDARD_NORMAL"),
	Multinomial: classes,
};
