import type { signalOps } from "../../../ops/signal.js";
import { unfit } from "../arithmetic.js";
import { int, type } from "../attrs.js";
import type {
	WebContext,
	WebLowering,
	WebTable,
	WebValue,
} from "../lowering.js";
import { countTo, sizeOf } from "./counting.js";
import { same } from "./rows.js";

/** TensorFlow.js 4.22 does not look at the wanted length: the signal is cut, or gets zeros behind it, first. */
const forward: WebLowering = (context) => {
	const { input, emit } = context;
	const real = emit("Cast", [input(0)], { DstT: type("float32") });
	return emit("RFFT", [ofLength(context, real, lengthOf(context), given)]);
};

/** The transform of complex numbers, whose second half mirrors the first: TensorFlow.js's own knows even lengths and few ranks. */
const backward: WebLowering = (context) => {
	const { emit, input, scalar } = context;
	const length = lengthOf(context);
	const half = emit("AddV2", [
		emit("FloorDiv", [length, scalar(2)]),
		scalar(1),
	]);
	const last = rankOf(context) - 1;
	const places = countTo(
		context,
		scalar(0),
		emit("Sub", [length, half]),
		scalar(-1),
	);
	const [re, im] = (["Real", "Imag"] as const).map((part) => {
		const front = ofLength(context, emit(part, [input(0)]), half, (node) =>
			halfOf(given(node)),
		);
		const back = emit("GatherV2", [front, places, scalar(last)], {
			batch_dims: int(0),
		});
		return emit(
			"ConcatV2",
			[front, part === "Imag" ? emit("Neg", [back]) : back, scalar(last)],
			{ N: int(2) },
		);
	});
	return emit("Real", [emit("IFFT", [emit("Complex", [re, im])])]);
};

function given({ constant }: WebContext): number | undefined {
	const length = constant(1);
	return length && Number((length.data as Int32Array)[0]);
}

function halfOf(length: number | undefined): number | undefined {
	return length === undefined ? undefined : Math.floor(length / 2) + 1;
}

/** The wanted length, a scalar. */
function lengthOf({ input, emit, ints }: WebContext): WebValue {
	return emit("Reshape", [input(1), ints([])]);
}

function rankOf({ inputs }: WebContext): number {
	const rank = inputs[0].shape?.length;
	if (rank === undefined)
		throw unfit("TensorFlow.js must know how many axes the signal has");
	return rank;
}

/** The last axis cut to a length, or with zeros behind it; as it is where `known` says that it has it. */
function ofLength(
	context: WebContext,
	signal: WebValue,
	length: WebValue,
	known: (context: WebContext) => number | undefined,
): WebValue {
	const { inputs, emit, ints, scalar } = context;
	const rank = rankOf(context);
	const last = inputs[0].shape?.at(-1) ?? -1;
	if (last >= 0 && known(context) === last) return signal;
	const missing = emit("Maximum", [
		emit("Sub", [length, sizeOf(context, signal, rank - 1)]),
		scalar(0),
	]);
	const ahead = ints(new Array<number>(2 * rank - 1).fill(0));
	const pads = emit(
		"ConcatV2",
		[ahead, emit("Reshape", [missing, ints([1])]), scalar(0)],
		{ N: int(2) },
	);
	const padded = emit("Pad", [
		signal,
		emit("Reshape", [pads, ints([rank, 2])]),
	]);
	const sizes = emit(
		"ConcatV2",
		[
			ints(new Array<number>(rank - 1).fill(-1)),
			emit("Reshape", [length, ints([1])]),
			scalar(0),
		],
		{ N: int(2) },
	);
	return emit("Slice", [padded, ints(new Array<number>(rank).fill(0)), sizes]);
}

export const signalRows: WebTable<typeof signalOps> = {
	FFT: same(),
	IFFT: same(),
	RFFT: forward,
	IRFFT: backward,
};
