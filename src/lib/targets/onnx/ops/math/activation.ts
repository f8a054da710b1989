import { floatAttr } from "../../../../graph/attrs.js";
import type { activationOps } from "../../../../ops/math/activation.js";
import { elementwise } from "../../elementwise.js";
import type { LoweringTable } from "../../lowering.js";
import { byKind, composed, direct } from "./rows.js";

export const activationLowerings: LoweringTable<typeof activationOps> = {
	Relu: byKind({
		integer: composed(({ max }, [x]) => max(x, 0)),
		other: direct("Relu"),
	}),
	Relu6: composed((_, [x], { emit, scalar }) =>
		emit("Clip", [x, scalar(x.dtype, 0), scalar(x.dtype, 6)]),
	),
	LeakyRelu: (context) =>
		elementwise(context, "LeakyRelu", {
			alpha: { float: floatAttr(context.node, "alpha") },
		}),
	Elu: direct("Elu"),
	Selu: direct("Selu"),
	Softplus: direct("Softplus"),
	Softsign: direct("Softsign"),
};
