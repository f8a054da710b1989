import { activated } from "../../activations.js";
import type { GraphBuilder, Value } from "../../graph/builder.js";
import { lengthOf } from "../../graph/shape.js";
import type { Layer } from "../../model.js";
import { flag, integer, integers, unsupported } from "../../settings.js";
import { pictureKernel } from "../kernels.js";
import { isChannelsFirst, paddingOf } from "../spatial.js";
import type { Cell } from "./cell.js";

/** keras layers/rnn/conv_lstm.py: an LSTM whose products are convolutions; lines are pictures of one row. */
export function convolutionalCell(rank: number): Cell {
	return {
		weights: (layer) => [
			{ name: "kernel" },
			{ name: "recurrent_kernel" },
			...(flag(layer, "use_bias", true) ? [{ name: "bias" }] : []),
		],
		states: (layer, row) => {
			const shape = [
				...outputLengths(layer, row, rank),
				integer(layer, "filters"),
			];
			return [shape, shape];
		},
		output: () => 0,
		constants: (scope, row) => {
			const { layer } = scope;
			if (isChannelsFirst(layer))
				throw unsupported(layer, "its channels come first");
			const size = integers(layer, "kernel_size", rank);
			const filters = integer(layer, "filters");
			const wide = (name: string, from: number) => {
				const kernel = scope.stored(name, [...size, from, 4 * filters]);
				return scope.written(rank === 1 ? pictureKernel(kernel) : kernel, name);
			};
			return [
				wide("kernel", lengthOf(row, -1)),
				wide("recurrent_kernel", filters),
				...(flag(layer, "use_bias", true)
					? [scope.weight("bias", [4 * filters])]
					: []),
			];
		},
		step: (body, layer, { row, states: [hidden, memory], constants }) => {
			const [kernel, recurrent, bias] = constants;
			const product = convolved(body, layer, [row, kernel], { rank });
			const given =
				bias === undefined ? product : body.op("BiasAdd", [product, bias]);
			const sum = body.op("AddV2", [
				given,
				convolved(body, layer, [hidden, recurrent], { rank, inner: true }),
			]);
			const [i, f, c, o] = body.many("Split", [body.scalar("int32", -1), sum], {
				num_split: 4,
			});
			const gate = (x: Value) =>
				activated(layer, body, x, layer.config.recurrent_activation);
			const next = body.op("AddV2", [
				body.op("Mul", [gate(f), memory]),
				body.op("Mul", [gate(i), activated(layer, body, c)]),
			]);
			return [body.op("Mul", [gate(o), activated(layer, body, next)]), next];
		},
	};
}

/** The product within is of the same size, whatever the strides and the padding of the other. */
function convolved(
	body: GraphBuilder,
	layer: Layer,
	[x, kernel]: readonly [Value, Value],
	{ rank, inner = false }: { readonly rank: number; readonly inner?: boolean },
): Value {
	const ones = new Array<number>(rank).fill(1);
	const line = rank === 1 ? [1] : [];
	const strides = inner ? ones : integers(layer, "strides", rank, ones);
	const dilations = inner ? ones : integers(layer, "dilation_rate", rank, ones);
	if (rank === 3 && dilations.some((rate) => rate !== 1))
		throw unsupported(layer, "it is dilated");
	const attrs = {
		strides: [1, ...line, ...strides, 1],
		dilations: [1, ...line, ...dilations, 1],
		padding: inner ? "SAME" : paddingOf(layer),
	};
	if (rank !== 1)
		return body.op(rank === 2 ? "Conv2D" : "Conv3D", [x, kernel], attrs);
	const picture = body.op("ExpandDims", [x, body.scalar("int32", 1)]);
	return body.op("Squeeze", [body.op("Conv2D", [picture, kernel], attrs)], {
		squeeze_dims: [1],
	});
}

function outputLengths(layer: Layer, row: Value, rank: number): number[] {
	const size = integers(layer, "kernel_size", rank);
	const ones = new Array<number>(rank).fill(1);
	const strides = integers(layer, "strides", rank, ones);
	const dilations = integers(layer, "dilation_rate", rank, ones);
	return size.map((length, axis) => {
		const has = lengthOf(row, axis + 1);
		const lost =
			paddingOf(layer) === "SAME" ? 0 : (length - 1) * dilations[axis];
		return Math.ceil((has - lost) / strides[axis]);
	});
}
