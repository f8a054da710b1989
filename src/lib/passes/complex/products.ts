import { boolAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import { formula } from "../../ops/formula.js";
import type { ComplexContext, ComplexRule } from "./context.js";
import { numbers } from "./numbers.js";
import { type Pair, partAttrs } from "./pair.js";

/** What is linear in both operands: (a + bi)(c + di) = (ac − bd) + (ad + bc)i. */
function bilinear(
	isConjugate: (context: ComplexContext, operand: number) => boolean,
): ComplexRule {
	return (context) => {
		const { node, part, pair } = context;
		const { add, sub, of } = formula(context, part);
		const attrs = partAttrs(node.attrs);
		const operand = (index: number): Pair => {
			const { re, im } = pair(index);
			return isConjugate(context, index)
				? { re, im: of("Neg", im) }
				: { re, im };
		};
		const times = (a: ValueName, b: ValueName) =>
			context.add(node.op, [a, b], attrs);
		if (node.inputs.length === 1) {
			const { re, im } = pair(0);
			return [
				{
					re: context.add(node.op, [re], attrs),
					im: context.add(node.op, [im], attrs),
				},
			];
		}
		const [p, q] = [operand(0), operand(1)];
		return [
			{
				re: sub(times(p.re, q.re), times(p.im, q.im)),
				im: add(times(p.re, q.im), times(p.im, q.re)),
			},
		];
	};
}

const plain = bilinear(() => false);
/** `adj_x` is the conjugate transpose. */
const adjoining = bilinear(({ node }, operand) =>
	boolAttr(node, operand === 0 ? "adj_x" : "adj_y"),
);

/** A product by its size and angle: those of the factors multiplied, and added up. */
function product(multiply: string, sum: string): ComplexRule {
	return (context) => {
		const { node, add, pair, inputs } = context;
		const { magnitude, angle, real } = numbers(context);
		const attrs = partAttrs(node.attrs);
		const size = add(multiply, [magnitude(pair(0)), ...inputs.slice(1)], attrs);
		const turned = add(sum, [angle(pair(0)), ...inputs.slice(1)], attrs);
		return [
			{
				re: real.mul(size, real.of("Cos", turned)),
				im: real.mul(size, real.of("Sin", turned)),
			},
		];
	};
}

export const complexProducts: Readonly<Record<string, ComplexRule>> = {
	MatMul: plain,
	BatchMatMul: adjoining,
	BatchMatMulV2: adjoining,
	BatchMatMulV3: adjoining,
	Einsum: plain,
	Prod: product("Prod", "Sum"),
	Cumprod: product("Cumprod", "Cumsum"),
	UnsortedSegmentProd: product("UnsortedSegmentProd", "UnsortedSegmentSum"),
};
