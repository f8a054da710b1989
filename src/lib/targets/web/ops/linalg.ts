import { boolAttr, stringsAttr } from "../../../graph/attrs.js";
import type { linalgOps } from "../../../ops/linalg.js";
import { broadcast, isStatic } from "../../../ops/shapes.js";
import type { Shape } from "../../../tensor/tensor.js";
import { unfit, wraps } from "../arithmetic.js";
import { bool, int, type } from "../attrs.js";
import type {
	WebContext,
	WebLowering,
	WebTable,
	WebValue,
} from "../lowering.js";
import { activated } from "./activation.js";
import { einsum } from "./einsum.js";
import { reducedNothing, ZERO } from "./nothing.js";
import { bools } from "./rows.js";

const product: WebLowering = (context) => {
	const { node, inputs, input, emit } = context;
	if (sumsNothing(context)) return reducedNothing(context, ZERO);
	return emit("MatMul", [input(0), input(1)], {
		...bools("transpose_a", "transpose_b")(node),
		T: type(inputs[0].dtype),
	});
};

/** An empty batch is run by kernels that look; a sum of no products takes what memory holds. */
function sumsNothing({ inputs, outputs }: WebContext): boolean {
	const isEmpty = inputs.some(
		({ shape }) => shape?.slice(-2).includes(0) === true,
	);
	if (isEmpty && !isStatic(outputs[0].shape))
		throw unfit("TensorFlow.js sums no elements to whatever memory holds");
	return isEmpty;
}

/** TensorFlow.js repeats one side only: where each has axes that the other lacks, both are made whole first. */
const batch: WebLowering = (context) => {
	const { node, inputs, input, emit } = context;
	const batches = inputs.map(({ shape }) => shape?.slice(0, -2));
	if (sumsNothing(context)) return reducedNothing(context, ZERO);
	const [x, y] =
		repeats(batches[0], batches[1]) && repeats(batches[1], batches[0])
			? whole(context)
			: [input(0), input(1)];
	return emit("BatchMatMulV2", [x, y], {
		...bools("adj_x", "adj_y")(node),
		T: type(inputs[0].dtype),
	});
};

/** Whether a batch must be repeated to meet another. Unknown sizes at the same place are taken for equal ones. */
function repeats(batch: Shape, other: Shape): boolean {
	if (batch === undefined || other === undefined) return true;
	return other.some((size, axis) => {
		const own = batch[axis + batch.length - other.length];
		return (own === undefined || own === 1) && size !== 1;
	});
}

/** Both operands with the batch that they have together. */
function whole(context: WebContext): readonly WebValue[] {
	const { inputs, input, emit, ints } = context;
	const [x, y] = inputs.map(({ shape }) => shape?.slice(0, -2));
	const known = broadcast(x, y);
	const matrices = inputs.map(({ shape }) => shape?.slice(-2));
	if (isStatic(known) && matrices.every(isStatic))
		return matrices.map((matrix, i) =>
			emit("BroadcastTo", [input(i), ints([...known, ...(matrix ?? [])])]),
		);
	const shapes = inputs.map((_, i) => emit("Shape", [input(i)]));
	const parts = shapes.map((shape) => splitAt(context, shape));
	const together = emit(
		"BroadcastArgs",
		parts.map(([front]) => front),
	);
	return parts.map(([, matrix], i) =>
		emit("BroadcastTo", [
			input(i),
			emit("ConcatV2", [together, matrix, ints([0])], { N: int(2) }),
		]),
	);
}

/** The sizes of the batch, and those of the matrix. */
function splitAt(
	{ emit, ints }: WebContext,
	shape: WebValue,
): readonly [batch: WebValue, matrix: WebValue] {
	const behind = emit("Sub", [emit("Shape", [shape]), ints([2])]);
	return [
		emit("Slice", [shape, ints([0]), behind]),
		emit("Slice", [shape, behind, ints([2])]),
	];
}

const fused: WebLowering = (context) => {
	const { node, emit, input, inputs } = context;
	if (sumsNothing(context))
		throw unfit("TensorFlow.js sums no elements to whatever memory holds");
	const product = emit("MatMul", [input(0), input(1)], {
		transpose_a: bool(boolAttr(node, "transpose_a")),
		transpose_b: bool(boolAttr(node, "transpose_b")),
		T: type(inputs[0].dtype),
	});
	return activated(context, product, stringsAttr(node, "fused_ops"));
};

export const linalgRows: WebTable<typeof linalgOps> = {
	MatMul: wraps(product),
	_FusedMatMul: fused,
	BatchMatMul: wraps(batch),
	BatchMatMulV2: wraps(batch),
	BatchMatMulV3: wraps(batch),
	Einsum: wraps(einsum),
};
