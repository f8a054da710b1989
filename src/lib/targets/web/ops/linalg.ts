import { boolAttr, stringsAttr } from "../../../graph/attrs.js";
import type { linalgOps } from "../../../ops/linalg.js";
import { broadcast, isStatic } from "../../../ops/shapes.js";
import type { Shape } from "../../../tensor/tensor.js";
import { unfit, wraps } from "../arithmetic.js";
import { bool, type } from "../attrs.js";
import type {
	WebContext,
	WebLowering,
	WebTable,
	WebValue,
} from "../lowering.js";
import { activated } from "./activation.js";
import { einsum } from "./einsum.js";
import { bools } from "./rows.js";

const product: WebLowering = (context) => {
	const { node, inputs, input, emit } = context;
	requireElements(context);
	return emit("MatMul", [input(0), input(1)], {
		...bools("transpose_a", "transpose_b")(node),
		T: type(inputs[0].dtype),
	});
};

/** An empty batch is run by kernels that look; a sum of no products must not be. */
function requireElements({ inputs }: WebContext): void {
	if (inputs.some(({ shape }) => shape?.slice(-2).includes(0) === true))
		throw unfit("TensorFlow.js sums no elements to whatever memory holds");
}

/** TensorFlow.js repeats one side only: where each has axes that the other lacks, both are made whole first. */
const batch: WebLowering = (context) => {
	const { node, inputs, input, emit } = context;
	const batches = inputs.map(({ shape }) => shape?.slice(0, -2));
	requireElements(context);
	const [x, y] =
		repeats(batches[0], batches[1]) && repeats(batches[1], batches[0])
			? [whole(context, 0), whole(context, 1)]
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

/** An operand with the batch that both have together. */
function whole(
	{ inputs, input, emit, ints }: WebContext,
	index: number,
): WebValue {
	const [x, y] = inputs.map(({ shape }) => shape?.slice(0, -2));
	const together = broadcast(x, y);
	const matrix = inputs[index].shape?.slice(-2);
	const wanted =
		together === undefined || matrix === undefined
			? undefined
			: [...together, ...matrix];
	if (!isStatic(wanted))
		throw unfit("TensorFlow.js must know how often to repeat both batches");
	return emit("BroadcastTo", [input(index), ints(wanted)]);
}

const fused: WebLowering = (context) => {
	const { node, emit, input, inputs } = context;
	requireElements(context);
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
