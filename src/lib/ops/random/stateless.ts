import { dtypeAttr } from "../../graph/attrs.js";
import { type InferRule, type OpEntry, primitive } from "../define.js";
import { elementsOf, sameAsInput, shapeFromInput } from "../shapes.js";

/** A tensor of the shape in input 0 and the element type that an attribute names. */
export function shaped(attr: string): InferRule {
	return (context) => [
		{
			dtype: dtypeAttr(context.node, attr),
			shape: shapeFromInput(context, 0),
		},
	];
}

const typed = primitive(shaped("dtype"));

/** So many draws, input 1, for each row of input 0. */
export const classes: InferRule = (context) => [
	{
		dtype: dtypeAttr(context.node, "output_dtype"),
		shape: [
			context.inputs[0].shape?.[0] ?? -1,
			elementsOf(context, 1)?.[0] ?? -1,
		],
	},
];

const key = { dtype: "uint64", shape: [1] } as const;
const counter = { dtype: "uint64", shape: [2] } as const;
const algorithm = { dtype: "int32", shape: [] } as const;

/** Random numbers that a seed, or a key and a counter, say all about. */
export const statelessRandomOps = {
	StatelessRandomGetKeyCounterAlg: primitive(() => [key, counter, algorithm]),
	StatelessRandomGetKeyCounter: primitive(() => [key, counter]),
	StatelessRandomGetAlg: primitive(() => [algorithm]),
	StatelessRandomUniform: typed,
	StatelessRandomUniformV2: typed,
	StatelessRandomNormal: typed,
	StatelessRandomNormalV2: typed,
	StatelessTruncatedNormal: typed,
	StatelessTruncatedNormalV2: typed,
	StatelessRandomUniformInt: typed,
	StatelessRandomUniformIntV2: typed,
	StatelessRandomUniformFullInt: typed,
	StatelessRandomUniformFullIntV2: typed,
	StatelessRandomBinomial: typed,
	StatelessRandomPoisson: typed,
	StatelessRandomGammaV2: typed,
	StatelessRandomGammaV3: typed,
	StatelessParameterizedTruncatedNormal: typed,
	StatelessMultinomial: primitive(classes),
	StatelessShuffle: primitive(sameAsInput),
} as const satisfies Record<string, OpEntry>;
