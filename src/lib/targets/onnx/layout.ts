import {
	type Constant,
	reshapedConstant,
	transposedConstant,
} from "../../tensor/constant.js";

/** A constant with its last axis moved behind the first: [N,H,W,C] → [N,C,H,W]. */
export function channelsFirstConstant(constant: Constant): Constant {
	const rank = constant.shape.length;
	return transposedConstant(constant, [
		0,
		rank - 1,
		...Array.from({ length: rank - 2 }, (_, i) => i + 1),
	]);
}

/** Where axis `axis` of TensorFlow's order is found when channels come first: 0 stays, the last becomes 1, others move up. */
export function channelsFirstAxis(axis: number, rank: number): number {
	if (axis === 0) return 0;
	return axis === rank - 1 ? 1 : axis + 1;
}

/** A list with one item an axis, in the order of channels first. */
export function channelsFirstList<T>(items: readonly T[]): T[] {
	const [batch, ...rest] = items;
	return [batch, rest[rest.length - 1], ...rest.slice(0, -1)];
}

/** A constant vector, one value a channel, so that it broadcasts against channels first of `rank`: [C] → [C,1,…]. */
export function channelVector(constant: Constant, rank: number): Constant {
	const ones = new Array<number>(rank - 2).fill(1);
	return reshapedConstant(constant, [constant.shape[0], ...ones]);
}
