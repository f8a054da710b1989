import { normalizeAxis } from "../../../../ops/shapes.js";
import { channelsFirstAxis, channelsFirstList } from "../../layout.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** An input in the order of axes that it exists in, for ops whose result has the same axes. */
export interface Oriented {
	readonly value: OnnxValue;
	/** Where an axis of TensorFlow's order is found; negative ones stay so if the rank is not known. */
	axis(axis: number): number;
	/** One item an axis, in the order of the value. */
	list<T>(items: readonly T[]): readonly T[];
	/** As `list`, for a vector or matrix that is known at run time, whose rows are given an axis each. */
	rows(items: OnnxValue): OnnxValue;
	/** A value with the axes of this one. */
	result(value: OnnxValue): OnnxValue;
}

export function oriented(context: LowerContext, index = 0): Oriented {
	const rank = context.inputs[index].shape?.length;
	if (rank === undefined || rank < 3 || !context.isChannelsFirst(index))
		return {
			value: context.input(index),
			axis: (axis) => (rank === undefined ? axis : normalizeAxis(axis, rank)),
			list: (items) => items,
			rows: (items) => items,
			result: (value) => value,
		};
	return {
		value: context.channelsFirst(index),
		axis: (axis) => channelsFirstAxis(normalizeAxis(axis, rank), rank),
		list: channelsFirstList,
		rows: (items) =>
			context.emit("Gather", [items, context.ints(channelsFirstOrder(rank))]),
		result: (value) => ({ ...value, channelsFirst: true }),
	};
}

/** The axes of TensorFlow's order in the order that `oriented` has them in. */
export function orientedAxes(
	context: LowerContext,
	rank: number,
	index = 0,
): readonly number[] {
	return rank > 2 && context.isChannelsFirst(index)
		? channelsFirstOrder(rank)
		: inOrder(rank);
}

/**
 * Names the axes of a value: they are, in their order, these of TensorFlow's result, in which `fresh` are axes of size 1
 * besides. It is transposed only if its order is neither TensorFlow's nor channels first.
 */
export function arranged(
	context: LowerContext,
	{ name, dtype }: OnnxValue,
	axes: readonly number[],
	fresh: readonly number[] = [],
): OnnxValue {
	const rank = axes.length + fresh.length;
	const isFresh = (axis: number) => fresh.includes(axis);
	const fits = (order: readonly number[]) =>
		isSame(
			axes,
			order.filter((axis) => !isFresh(axis)),
		);
	const plain = inOrder(rank);
	const turned = channelsFirstOrder(rank);
	if (rank > 2 && !fits(plain) && fits(turned))
		return {
			...withAxes(context, { name, dtype }, turned, fresh),
			channelsFirst: true,
		};
	const sorted = axes.toSorted((a, b) => a - b);
	const value = fits(plain)
		? { name, dtype }
		: context.emit("Transpose", [{ name, dtype }], {
				perm: sorted.map((axis) => axes.indexOf(axis)),
			});
	return withAxes(context, value, plain, fresh);
}

function withAxes(
	{ emit, ints }: LowerContext,
	value: OnnxValue,
	order: readonly number[],
	fresh: readonly number[],
): OnnxValue {
	return fresh.length === 0
		? value
		: emit("Unsqueeze", [
				value,
				ints(fresh.map((axis) => order.indexOf(axis))),
			]);
}

/** An input whose elements lie in TensorFlow's order, though its axes perhaps do not: only one of them is longer than 1. */
export function flatInput(context: LowerContext, index = 0): OnnxValue {
	const { shape } = context.inputs[index];
	if (
		shape === undefined ||
		shape.length < 3 ||
		!context.isChannelsFirst(index)
	)
		return context.input(index);
	const spatial = shape.slice(1, -1);
	if (!spatial.every((size) => size === 1) && shape.at(-1) !== 1)
		return context.input(index);
	const { name, dtype } = context.channelsFirst(index);
	return { name, dtype };
}

function channelsFirstOrder(rank: number): readonly number[] {
	return rank > 2 ? channelsFirstList(inOrder(rank)) : inOrder(rank);
}

function inOrder(rank: number): number[] {
	return Array.from({ length: rank }, (_, axis) => axis);
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
	return a.every((axis, i) => axis === b[i]);
}
