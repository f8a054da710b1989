import { dtypeAttr } from "../../graph/attrs.js";
import { castTo, formula } from "../../ops/formula.js";
import { numberTensor } from "../../tensor/numbers.js";
import type { ComplexContext, ComplexRule } from "./context.js";
import { numbers } from "./numbers.js";
import { isComplex, type Pair, partType } from "./pair.js";

/** Complex numbers of two real tensors that broadcast. */
const ofParts: ComplexRule = (context) => {
	const { inputs, types, part } = context;
	const [re, im] = types.map(({ shape }) => shape);
	const isSame =
		re?.length === im?.length &&
		re?.every((size, i) => size >= 0 && size === im?.[i]);
	if (isSame) return [{ re: inputs[0], im: inputs[1] }];
	const { where } = formula(context, part);
	const yes = context.constantOf(numberTensor("bool", 1));
	const no = context.constantOf(numberTensor("bool", 0));
	return [
		{
			re: where(yes, inputs[0], inputs[1]),
			im: where(no, inputs[0], inputs[1]),
		},
	];
};

/** Real numbers get no imaginary part, and complex ones lose theirs. */
const cast: ComplexRule = (context) => {
	const to = dtypeAttr(context.node, "DstT");
	const from = context.types[0].dtype;
	const { re, im } = context.pair(0);
	const part = (value: string) =>
		castTo(context, value, partType(from), partType(to));
	return [isComplex(to) ? { re: part(re), im: part(im) } : part(re)];
};

const real = (compute: (context: ComplexContext, pair: Pair) => string) => {
	const rule: ComplexRule = (context) => [compute(context, context.pair(0))];
	return rule;
};

/** Between complex numbers and their parts. */
export const complexParts: Readonly<Record<string, ComplexRule>> = {
	Complex: ofParts,
	Cast: cast,
	Real: real((_, { re }) => re),
	Imag: real((_, { im }) => im),
	ComplexAbs: real((context, pair) => numbers(context).magnitude(pair)),
	Abs: real((context, pair) => numbers(context).magnitude(pair)),
	Angle: real((context, pair) => numbers(context).angle(pair)),
	Conj: (context) => {
		const { re, im } = context.pair(0);
		return [{ re, im: formula(context, context.part).of("Neg", im) }];
	},
	/** (re,im) */
	AsString: ({ add, node, part, pair, constantOf }) => {
		const { re, im } = pair(0);
		const print = (value: string) =>
			add("AsString", [value], { ...node.attrs, T: part });
		const text = (value: string) =>
			constantOf({
				dtype: "string",
				shape: [],
				data: [new TextEncoder().encode(value)],
			});
		return [
			add(
				"StringJoin",
				[text("("), print(re), text(","), print(im), text(")")],
				{ N: 5, separator: "" },
			),
		];
	},
	OnesLike: ({ add, pair, part }) => [
		{
			re: add("OnesLike", [pair(0).re], { T: part }),
			im: add("ZerosLike", [pair(0).re], { T: part }),
		},
	],
};
