import { boolAttr, floatAttr, stringAttr } from "../../graph/attrs.js";
import { type GraphTypes, inferTypes } from "../../graph/infer.js";
import type { Node, Program, ValueName } from "../../graph/ir.js";
import {
	type Constant,
	heldConstant,
	type Reserve,
} from "../../tensor/constant.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import { consumersOf, type Pass } from "../pass.js";

/**
 * A product of weights (convolution, depthwise convolution, matrix product) whose result is only multiplied and shifted
 * by one constant a channel becomes one fused node: factors go into the weights, offsets into a bias. This folds batch
 * normalization, in its fused form and in the Mul and AddV2 that Keras 3 writes, and makes BiasAdd part of the product.
 */
export const fuseAffine: Pass = (program) => {
	const types = inferTypes(program);
	const consumers = consumersOf(program);
	const returned = new Set(program.outputs.map(({ value }) => value));
	const uses: Uses = {
		any: (value) => returned.has(value) || consumers.has(value),
		only: (value) =>
			returned.has(value) || consumers.get(value)?.length !== 1
				? undefined
				: consumers.get(value)?.[0],
	};
	const chains = new Map<string, Node[]>();
	const swallowed = new Set<string>();
	for (const node of program.nodes) {
		const chain = findChain(node, uses, types);
		if (chain === undefined) continue;
		chains.set(chain.last.name, fused(chain, types));
		for (const name of chain.swallowed) swallowed.add(name);
	}
	return {
		...program,
		nodes: program.nodes.flatMap(
			(node) =>
				chains.get(node.name) ?? (swallowed.has(node.name) ? [] : [node]),
		),
	} satisfies Program;
};

/** Who reads a value. */
interface Uses {
	/** Whether anybody does. */
	any(value: ValueName): boolean;
	/** The one node that does, if there is but one reader. */
	only(value: ValueName): Node | undefined;
}

/** y = scale·x + shift, one value a channel. */
interface Affine {
	readonly scale: Float32Array;
	readonly shift: Float32Array;
}

interface Chain {
	readonly product: Node;
	readonly row: ProductRow;
	readonly affine: Affine;
	/** Whether any step multiplies: weights stay as they are otherwise. */
	readonly scaled: boolean;
	readonly last: Node;
	readonly swallowed: readonly string[];
}

interface ProductRow {
	readonly fusedOp: string;
	/** The axes of the weights that make up the output channels, from the end. */
	readonly channelAxes: (node: Node) => readonly number[];
}

/** Products of weights, and what they become. */
const PRODUCTS: Readonly<Record<string, ProductRow>> = {
	Conv2D: { fusedOp: "_FusedConv2D", channelAxes: () => [-1] },
	DepthwiseConv2dNative: {
		fusedOp: "FusedDepthwiseConv2dNative",
		channelAxes: () => [-2, -1],
	},
	MatMul: {
		fusedOp: "_FusedMatMul",
		channelAxes: (node) => [boolAttr(node, "transpose_b") ? -2 : -1],
	},
};

/** One step of a chain: the affine map that a node applies to input `position`, or `undefined` if it is none. */
type StepRow = (
	node: Node,
	position: number,
	read: ChannelReader,
) => Affine | undefined;

/** Reads input `index` of a node as one float a channel, if it is such a constant. */
type ChannelReader = (index: number) => Float32Array | undefined;

const STEPS: Readonly<Record<string, StepRow>> = {
	Add: plus,
	AddV2: plus,
	BiasAdd: plus,
	Sub: (_, position, read) =>
		position === 0 ? shiftBy(read(1), -1) : undefined,
	Mul: (_, position, read) => scaleBy(read(1 - position), (factor) => factor),
	RealDiv: (_, position, read) =>
		position === 0 ? scaleBy(read(1), (divisor) => 1 / divisor) : undefined,
	FusedBatchNorm: batchNorm,
	FusedBatchNormV2: batchNorm,
	FusedBatchNormV3: batchNorm,
};

function plus(
	_: Node,
	position: number,
	read: ChannelReader,
): Affine | undefined {
	return shiftBy(read(1 - position), 1);
}

function batchNorm(
	node: Node,
	position: number,
	read: ChannelReader,
): Affine | undefined {
	const [gamma, beta, mean, variance] = [read(1), read(2), read(3), read(4)];
	if (
		position !== 0 ||
		boolAttr(node, "is_training") ||
		!gamma ||
		!beta ||
		!mean ||
		!variance
	)
		return undefined;
	const epsilon = floatAttr(node, "epsilon");
	const scale = gamma.map(
		(factor, i) => factor / Math.sqrt(variance[i] + epsilon),
	);
	return { scale, shift: beta.map((offset, i) => offset - mean[i] * scale[i]) };
}

function findChain(
	product: Node,
	uses: Uses,
	types: GraphTypes,
): Chain | undefined {
	const row = PRODUCTS[product.op];
	const weights =
		row === undefined ? undefined : types.constantOf(product.inputs[1]);
	if (weights?.dtype !== "float32" || !hasChannelsLast(product, types))
		return undefined;
	const channels = channelCount(weights, row.channelAxes(product));
	let affine: Affine = {
		scale: new Float32Array(channels).fill(1),
		shift: new Float32Array(channels),
	};
	let scaled = false;
	let last = product;
	const swallowed: string[] = [];
	for (
		let next = uses.only(last.outputs[0]);
		next !== undefined;
		next = uses.only(last.outputs[0])
	) {
		const step = stepOf(next, last.outputs[0], channels, types, uses);
		if (step === undefined) break;
		affine = compose(step, affine);
		scaled ||= step.scale.some((factor) => factor !== 1);
		swallowed.push(last.name);
		last = next;
	}
	return last === product
		? undefined
		: { product, row, affine, scaled, last, swallowed };
}

/** Channels are the last axis unless `data_format` says otherwise; NCHW graphs are left to ONNX Runtime. */
function hasChannelsLast(product: Node, types: GraphTypes): boolean {
	const hasFormat = product.attrs.data_format !== undefined;
	return (
		types.typeOf(product.outputs[0]).shape !== undefined &&
		(!hasFormat || stringAttr(product, "data_format") === "NHWC")
	);
}

function stepOf(
	node: Node,
	value: ValueName,
	channels: number,
	types: GraphTypes,
	uses: Uses,
): Affine | undefined {
	const row = STEPS[node.op];
	const position = node.inputs.indexOf(value);
	if (
		row === undefined ||
		node.inputs.lastIndexOf(value) !== position ||
		node.attrs.data_format === "NCHW"
	)
		return undefined;
	// the other outputs of a batch normalization are statistics that only training reads
	if (node.outputs.slice(1).some(uses.any)) return undefined;
	const rank = types.typeOf(value).shape?.length ?? 0;
	const step = row(node, position, (index) =>
		perChannel(types.constantOf(node.inputs[index]), channels, rank),
	);
	return step !== undefined && hasOutputShape(node, value, types)
		? step
		: undefined;
}

/** A constant of higher rank would stretch the result. */
function hasOutputShape(
	node: Node,
	value: ValueName,
	types: GraphTypes,
): boolean {
	return (
		types.typeOf(node.outputs[0]).shape?.length ===
		types.typeOf(value).shape?.length
	);
}

/** A constant that broadcasts to one value a channel: [C], [1,…,1,C], or a single value. */
function perChannel(
	constant: Constant | undefined,
	channels: number,
	rank: number,
): Float32Array | undefined {
	if (constant?.dtype !== "float32" || constant.shape.length > rank)
		return undefined;
	const count = elementCount(constant.shape);
	if (count === 1)
		return new Float32Array(channels).fill(
			(constant.read().data as Float32Array)[0],
		);
	if (count !== channels || constant.shape.at(-1) !== channels)
		return undefined;
	return constant.read().data as Float32Array;
}

function shiftBy(
	offsets: Float32Array | undefined,
	sign: 1 | -1,
): Affine | undefined {
	if (offsets === undefined) return undefined;
	return {
		scale: new Float32Array(offsets.length).fill(1),
		shift: sign === 1 ? offsets : offsets.map((offset) => -offset),
	};
}

function scaleBy(
	factors: Float32Array | undefined,
	factor: (value: number) => number,
): Affine | undefined {
	if (factors === undefined) return undefined;
	return {
		scale: factors.map(factor),
		shift: new Float32Array(factors.length),
	};
}

/** outer(inner(x)) */
function compose(outer: Affine, inner: Affine): Affine {
	return {
		scale: inner.scale.map((factor, i) => factor * outer.scale[i]),
		shift: inner.shift.map(
			(offset, i) => offset * outer.scale[i] + outer.shift[i],
		),
	};
}

function channelCount({ shape }: Constant, axes: readonly number[]): number {
	return axes.reduce((product, axis) => product * (shape.at(axis) ?? 1), 1);
}

/** The fused node in place of the last of the chain, whose name and outputs it takes, with its constants before it. */
function fused(
	{ product, row, affine, scaled, last }: Chain,
	types: GraphTypes,
): Node[] {
	const weights = types.constantOf(product.inputs[1]) as Constant;
	const scaledWeights = scaled
		? [
				constantNode(
					`${last.name}/weights`,
					scaleWeights(weights, affine.scale, row.channelAxes(product)),
				),
			]
		: [];
	const bias = constantNode(
		`${last.name}/bias`,
		heldConstant({
			dtype: "float32",
			shape: [affine.shift.length],
			data: affine.shift,
		}),
	);
	const inputs = [
		product.inputs[0],
		scaledWeights[0]?.outputs[0] ?? product.inputs[1],
		bias.outputs[0],
	];
	const attrs = {
		...FUSED_DEFAULTS,
		...product.attrs,
		fused_ops: ["BiasAdd"],
		num_args: 1,
	};
	return [
		...scaledWeights,
		bias,
		{
			name: last.name,
			op: row.fusedOp,
			inputs,
			outputs: last.outputs.slice(0, 1),
			attrs,
		},
	];
}

/** Attributes that the fused ops have beyond those of the plain ones. */
const FUSED_DEFAULTS = {
	epsilon: 0.0001,
	leakyrelu_alpha: 0.2,
	num_args: 1,
	TArgs: ["float32"],
} as const;

/** Each output channel of the weights times its factor; multiplied when it is read, since all weights are too many to hold. */
function scaleWeights(
	weights: Constant,
	scale: Float32Array,
	axes: readonly number[],
): Constant {
	// channels along the last axes repeat without a gap; along the last but one, each value lasts for a row
	const run = axes.includes(-1) ? 1 : (weights.shape.at(-1) ?? 1);
	const read = (reserve?: Reserve): Tensor => {
		const tensor = weights.read(reserve);
		const source = tensor.data as Float32Array;
		const data = allocate("float32", source.length, reserve) as Float32Array;
		for (let i = 0; i < source.length; )
			for (let channel = 0; channel < scale.length; channel++)
				for (let end = i + run; i < end; i++)
					data[i] = source[i] * scale[channel];
		return { ...tensor, data };
	};
	return { ...weights, read };
}

function constantNode(name: string, value: Constant): Node {
	return {
		name,
		op: "Const",
		inputs: [],
		outputs: [`${name}:0`],
		attrs: { value, dtype: value.dtype },
	};
}
