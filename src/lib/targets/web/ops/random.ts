import type { randomOps } from "../../../ops/random.js";
import { bool, float, int, type } from "../attrs.js";
import type {
	WebContext,
	WebLowering,
	WebTable,
	WebValue,
} from "../lowering.js";
import { sizeOf } from "./counting.js";

/*
 * Numbers drawn afresh in each run. Seeds are left out: TensorFlow goes on from one run to the next, where TensorFlow.js would
 * begin again and return the same.
 */

const FLOAT = { dtype: type("float32") } as const;

function uniform({ emit }: WebContext, shape: WebValue): WebValue {
	return emit("RandomUniform", [shape], {
		...FLOAT,
		minval: float(0),
		maxval: float(1),
	});
}

const wholeNumbers: WebLowering = (context) => {
	const { input, emit, scalar } = context;
	const asFloat = (value: WebValue) =>
		emit("Cast", [value], { DstT: type("float32") });
	const [least, end] = [input(1), input(2)];
	const steps = emit("Mul", [
		uniform(context, input(0)),
		asFloat(emit("Sub", [end, least])),
	]);
	const drawn = emit("AddV2", [
		emit("Cast", [emit("Floor", [steps])], { DstT: type("int32") }),
		least,
	]);
	return emit("Minimum", [drawn, emit("Sub", [end, scalar(1)])]);
};

/** The largest of logarithms that each have noise of Gumbel's added is drawn in proportion to what they are of. */
const classes: WebLowering = (context) => {
	const { input, emit, scalar } = context;
	const size = (axis: number) => sizeOf(context, input(0), axis);
	const shape = emit("Pack", [size(0), input(1), size(1)], { axis: int(0) });
	const minusLog = (value: WebValue) => emit("Neg", [emit("Log", [value])]);
	const noise = minusLog(minusLog(uniform(context, shape)));
	const logits = emit("ExpandDims", [input(0), scalar(1)]);
	return emit("ArgMax", [emit("AddV2", [logits, noise]), scalar(2)]);
};

/** Rows in the order of random numbers. */
const shuffled: WebLowering = (context) => {
	const { inputs, input, emit, emitMany, ints } = context;
	if (inputs[0].shape?.length === 0) return input(0);
	const count = sizeOf(context, input(0), 0);
	const numbers = uniform(context, emit("Reshape", [count, ints([1])]));
	const [, order] = emitMany("TopKV2", [numbers, count], 2, {
		sorted: bool(true),
	});
	return emit("GatherV2", [input(0), order, ints([0])], { batch_dims: int(0) });
};

export const randomRows: WebTable<typeof randomOps> = {
	RandomUniform: (context) => uniform(context, context.input(0)),
	RandomStandardNormal: ({ emit, input }) =>
		emit("RandomStandardNormal", [input(0)], FLOAT),
	TruncatedNormal: ({ emit, input }) =>
		emit("TruncatedNormal", [input(0)], {
			...FLOAT,
			means: float(0),
			stddev: float(1),
		}),
	RandomUniformInt: wholeNumbers,
	Multinomial: classes,
	RandomShuffle: shuffled,
};
