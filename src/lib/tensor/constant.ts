import type { DType } from "./dtype.js";
import { byteLength, type Tensor } from "./tensor.js";
import { transpose } from "./transpose.js";

/** A tensor that is read when somebody needs its elements: a weight of a checkpoint, or a constant of a graph. */
export interface Constant {
	readonly dtype: DType;
	readonly shape: readonly number[];
	/** Bytes of the elements; 0 where unknown (strings not read yet). */
	readonly byteLength: number;
	/** Into memory that `reserve` gives, where it has to be made; the caller then knows how long that is to last. */
	read(reserve?: Reserve): Tensor;
}

/** Gives a buffer of at least so many bytes, whatever lies in it. */
export type Reserve = (byteLength: number) => ArrayBuffer;

/** A tensor that is in memory. */
export function heldConstant(tensor: Tensor): Constant {
	const { dtype, shape } = tensor;
	return { dtype, shape, byteLength: byteLength(tensor), read: () => tensor };
}

/** Axis `i` of the result is axis `order[i]` of the constant; transposed when it is read. */
export function transposedConstant(
	constant: Constant,
	order: readonly number[],
): Constant {
	return {
		...constant,
		shape: order.map((axis) => constant.shape[axis]),
		read: (reserve) => transpose(constant.read(reserve), order, reserve),
	};
}

/** The negative of each number of a float32 constant; made when it is read. */
export function negatedConstant(constant: Constant): Constant {
	return {
		...constant,
		read: (reserve) => {
			const { data, ...rest } = constant.read(reserve);
			return { ...rest, data: (data as Float32Array).map((x) => -x) };
		},
	};
}

/** The same elements in a shape of as many. */
export function reshapedConstant(
	constant: Constant,
	shape: readonly number[],
): Constant {
	return {
		...constant,
		shape,
		read: (reserve) => ({ ...constant.read(reserve), shape }),
	};
}
