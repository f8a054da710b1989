import type { comparisonOps } from "../../ops/math/comparison.js";
import { canBroadcast } from "../../ops/math/comparison.js";
import { broadcast } from "../../ops/shapes.js";
import { numberTensor } from "../../tensor/numbers.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { eachRow } from "../broadcast.js";
import { chosen, comparisonKernel, unaryKernel } from "../elementwise.js";
import type { HostKernel, HostTable } from "../kernel.js";

/** Tensors whose shapes do not broadcast are unequal. */
function equality(isEqual: boolean): HostKernel {
	const compare = comparisonKernel((a, b) => (a === b) === isEqual);
	return (node, [x, y]) => {
		if (!canBroadcast(x.shape, y.shape))
			return [numberTensor("bool", Number(!isEqual))];
		return x.dtype === "string"
			? [compareTexts(x, y, isEqual)]
			: compare(node, [x, y]);
	};
}

function compareTexts(x: Tensor, y: Tensor, isEqual: boolean): Tensor {
	const shape = broadcast(x.shape, y.shape) as readonly number[];
	const [a, b] = [x.data, y.data] as (readonly Uint8Array[])[];
	const data = new Uint8Array(elementCount(shape));
	eachRow(shape, [x.shape, y.shape], (at, length, [i, j], [stepA, stepB]) => {
		for (let k = 0; k < length; k++) {
			const isSame = isSameText(a[i + k * stepA], b[j + k * stepB]);
			data[at + k] = Number(isSame === isEqual);
		}
	});
	return { dtype: "bool", shape, data };
}

function isSameText(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
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
