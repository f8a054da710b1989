import type { Shape } from "../../tensor/tensor.js";
import type { InferContext, ValueType } from "../define.js";
import { shapeFromInput } from "../shapes.js";

/** One opaque element. */
export const VARIANT: ValueType = { dtype: "variant", shape: [] };

/** The shape that an `element_shape` input gives; the scalar -1 stands for any. */
export function givenElementShape(context: InferContext, index: number): Shape {
	return context.inputs[index].shape?.length === 1
		? shapeFromInput(context, index)
		: undefined;
}

/** So many elements of a shape, as rows. */
export function rowsOf(count: number, shape: Shape): Shape {
	return shape && [count, ...shape];
}
