import { DTYPES, type DType } from "../../tensor/dtype.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import type { InferContext, ValueType } from "../define.js";
import { elementsOf, isStatic } from "../shapes.js";

/** No shape has more dimensions, and no table that shapes are picked from more entries. */
const MAX_ELEMENTS = 256;

/**
 * Follows integer elements through an op that moves them and computes nothing: `move` is given, for each of the inputs
 * `indices`, a tensor of its shape that holds places, and returns the places that make up output 0.
 */
export function movedElements(
	context: InferContext,
	indices: readonly number[],
	move: (places: readonly Tensor[]) => Tensor,
): Pick<ValueType, "elements"> {
	const { inputs } = context;
	if (!indices.some((index) => inputs[index].elements !== undefined)) return {};
	const lists = indices.map((index) => trackedElements(context, index));
	if (!lists.every((list) => list !== undefined)) return {};
	const values = lists.flat();
	let next = 0;
	const places = lists.map((list, i): Tensor => {
		const from = next;
		next += list.length;
		return {
			dtype: "int32",
			shape: inputs[indices[i]].shape as readonly number[],
			data: Int32Array.from(list, (_, at) => from + at),
		};
	});
	const moved = move(places);
	return moved.data.length > MAX_ELEMENTS
		? {}
		: {
				elements: Array.from(
					moved.data as Int32Array,
					(place) => values[place],
				),
			};
}

/** Elements of a type that shapes are computed in, if there are few: `{}` for others. */
export function fewElements(
	dtype: DType,
	count: number,
	element: (i: number) => number | undefined,
): Pick<ValueType, "elements"> {
	return isInteger(dtype) && count <= MAX_ELEMENTS
		? { elements: Array.from({ length: count }, (_, i) => element(i)) }
		: {};
}

/** The elements of an integer input whose shape is known, `undefined` in each place that is not. */
function trackedElements(
	context: InferContext,
	index: number,
): ValueType["elements"] {
	const { dtype, shape } = context.inputs[index];
	if (!isInteger(dtype) || !isStatic(shape)) return undefined;
	const count = elementCount(shape);
	if (count > MAX_ELEMENTS) return undefined;
	return (
		elementsOf(context, index) ?? new Array<undefined>(count).fill(undefined)
	);
}

function isInteger(dtype: DType): boolean {
	const { kind } = DTYPES[dtype];
	return kind === "int" || kind === "bigint";
}
