import { floatAttr } from "../../../graph/attrs.js";
import { unfit } from "../arithmetic.js";
import { float } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";

/** Steps that a fused op names, and the op that each is by itself. */
const STEPS: ReadonlySet<string> = new Set([
	"Relu",
	"Relu6",
	"Elu",
	"Sigmoid",
	"Tanh",
]);

/** Applies the steps of a fused op after its product; their arguments stand behind its two inputs. */
export function activated(
	{ node, emit, input }: WebContext,
	product: WebValue,
	steps: readonly string[],
): WebValue {
	let argument = 2;
	return steps.reduce((x, step) => {
		if (step === "BiasAdd" || step === "Add")
			return emit("AddV2", [x, input(argument++)]);
		if (step === "FusedBatchNorm") {
			const rest = [0, 1, 2, 3].map((i) => input(argument + i));
			argument += 4;
			return emit("FusedBatchNormV3", [x, ...rest], {
				epsilon: float(floatAttr(node, "epsilon")),
			});
		}
		if (step === "LeakyRelu")
			return emit(step, [x], {
				alpha: float(floatAttr(node, "leakyrelu_alpha")),
			});
		if (!STEPS.has(step)) throw unfit(`it is fused with ${step}`);
		return emit(step, [x]);
	}, product);
}
