import { dtypeAttr } from "../../graph/attrs.js";
import { type InferRule, type OpEntry, primitive } from "../define.js";
import { sameType } from "../math/unary.js";
import { shapeFromInput } from "../shapes.js";
import { classes, shaped } from "./stateless.js";

const typed = primitive(shaped("dtype"));

/** So many samples, input 0, of each of the distributions that input 1 has parameters of. */
function samples(attr: string): InferRule {
	return (context) => {
		const shape = shapeFromInput(context, 0);
		const parameters = context.inputs[1].shape;
		const isKnown = shape !== undefined && parameters !== undefined;
		return [
			{
				dtype: dtypeAttr(context.node, attr),
				shape: isKnown ? [...shape, ...parameters] : undefined,
			},
		];
	};
}

/** Random numbers drawn afresh in each run. */
export const statefulRandomOps = {
	RandomUniform: typed,
	RandomStandardNormal: typed,
	TruncatedNormal: typed,
	ParameterizedTruncatedNormal: typed,
	RandomUniformInt: primitive(shaped("Tout")),
	RandomGamma: primitive(samples("T")),
	RandomPoisson: primitive(samples("dtype")),
	RandomPoissonV2: primitive(samples("dtype")),
	Multinomial: primitive(classes),
	RandomShuffle: primitive(sameType),
} as const satisfies Record<string, OpEntry>;
