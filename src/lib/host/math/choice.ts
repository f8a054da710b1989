import type { comparisonOps } from "../../ops/math/comparison.js";
import { canBroadcast } from "../../ops/math/comparison.js";
import { numberTensor } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import { byteText } from "../byte-text.js";
import { chosen, comparisonKernel, unaryKernel } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";

/** Tensors whose shapes do not broadcast are unequal. */
function equality(isEqual: boolean): HostKernel {
	const compare = comparisonKernel((a, b) => (a === b) === isEqual);
	return (node, inputs) =>
		canBroadcast(inputs[0].shape, inputs[1].shape)
			? compare(node, inputs[0].dtype === "string" ? coded(inputs) : inputs)
			: [numberTensor("bool", Number(!isEqual))];
}

/** Strings as numbers, the same one for equal strings. */
function coded(tensors: readonly Tensor[]): readonly Tensor[] {
	const codes = new Map<string, number>();
	return tensors.map(({ shape, data }) => ({
		dtype: "int32",
		shape,
		data: Int32Array.from(data as readonly Uint8Array[], (bytes) => {
			const text = byteText(bytes);
			const code = codes.get(text) ?? codes.size;
			codes.set(text, code);
			return code;
		}),
	}));
}

/** A condition of fewer axes than what it chooses from stands for its first ones. */
function rowCondition(condition: Tensor, rank: number): Tensor {
	const missing = Math.max(rank - condition.shape.length, 0);
	const ones = new Array<number>(missing).fill(1);
	return { ...condition, shape: [...condition.shape, ...ones] };
}

export const choiceKernels: HostTable<typeof comparisonOps> = {
	Equal: equality(true),
	NotEqual: equality(false),
	Less: comparisonKernel((a, b) => a < b),
	LessEqual: comparisonKernel((a, b) => a <= b),
	Greater: comparisonKernel((a, b) => a > b),
	GreaterEqual: comparisonKernel((a, b) => a >= b),
	LogicalAnd: comparisonKernel((a, b) => a !== 0 && b !== 0),
	LogicalOr: comparisonKernel((a, b) => a !== 0 || b !== 0),
	LogicalNot: unaryKernel({ int: (a) => 1 - a }),
	Select: (_, [condition, t, e]) => [
		chosen(rowCondition(condition, t.shape.length), t, e),
	],
	SelectV2: (_, [condition, t, e]) => [chosen(condition, t, e)],
};
