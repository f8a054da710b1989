import type { Tensor } from "../../tensor/tensor.js";

/** The elements of an integer tensor: axes, sizes, indices. */
export function integers({ data }: Tensor): number[] {
	return Array.from(data as ArrayLike<number | bigint>, Number);
}
