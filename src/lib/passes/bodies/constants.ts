import type { Node } from "../../graph/ir.js";
import { heldConstant } from "../../tensor/constant.js";
import type { DType } from "../../tensor/dtype.js";
import { integerData } from "../../tensor/integers.js";
import type { Tensor } from "../../tensor/tensor.js";

/** A constant of one integer, or of a vector of them; its value is called `NAME:0`. */
export function integerConstant(
	name: string,
	values: number | readonly number[],
	dtype: DType = "int32",
): Node {
	const list = typeof values === "number" ? [values] : values;
	const shape = typeof values === "number" ? [] : [list.length];
	const tensor: Tensor = { dtype, shape, data: integerData(dtype, list) };
	return {
		name,
		op: "Const",
		inputs: [],
		outputs: [`${name}:0`],
		attrs: { value: heldConstant(tensor), dtype },
	};
}
