import { floatAttr, stringsAttr } from "../../../../graph/attrs.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { activate } from "./activation.js";

/** The steps that follow a product in a fused operation, and which of the node's inputs is the next argument. */
export interface FusedSteps {
	readonly steps: readonly string[];
	readonly next: number;
	/** What ONNX adds in the product itself. */
	readonly bias?: OnnxValue;
}

/** Reads `fused_ops`; a leading BiasAdd becomes an argument of the product. Arguments start behind its two inputs. */
export function fusedSteps(context: LowerContext): FusedSteps {
	const [first, ...rest] = stringsAttr(context.node, "fused_ops");
	return first === "BiasAdd"
		? { steps: rest, next: 3, bias: context.input(2) }
		: { steps: first === undefined ? [] : [first, ...rest], next: 2 };
}

/** Applies the steps after the product; `operand` gives the node's input in the layout of the product. */
export function applyFusedSteps(
	context: LowerContext,
	product: OnnxValue,
	{ steps, next }: FusedSteps,
	operand: (index: number) => OnnxValue,
): OnnxValue {
	let argument = next;
	return steps.reduce((x, step) => {
		if (step === "Add") return context.emit("Add", [x, operand(argument++)]);
		if (step !== "FusedBatchNorm") return activate(context, step, x);
		const statistics = [0, 1, 2, 3].map(() => context.input(argument++));
		return context.emit("BatchNormalization", [x, ...statistics], {
			epsilon: { float: floatAttr(context.node, "epsilon") },
		});
	}, product);
}
