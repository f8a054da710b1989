import { dtypeAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { statefulRandomOps } from "../../ops/random/stateful.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { transpose } from "../../tensor/transpose.js";
import { integers } from "../array/integers.js";
import { type HostFamily, type HostRow, step } from "../kernel.js";
import { tensorOf } from "../value.js";
import { boundedNormalSamples } from "./bounded-normal.js";
import { drawnClasses, shuffledRows } from "./choice.js";
import {
	type Fill,
	fillIntBetween,
	fillNormal,
	fillTruncatedNormal,
	fillUniform,
} from "./fill.js";
import { gammaSamples } from "./gamma.js";
import { sessionGenerator } from "./generator.js";
import type { Philox } from "./philox.js";
import { poissonSamples } from "./poisson.js";
import { RESERVED_BLOCKS } from "./samples.js";

/** A draw from a generator that goes on from run to run: how many numbers it may take, and what is made of them. */
interface Draw {
	readonly numbers: (inputs: readonly Tensor[]) => number;
	readonly make: (
		source: Philox,
		inputs: readonly Tensor[],
		node: Node,
	) => Tensor;
}

/** Blocks are set aside for all numbers, however many are drawn. */
function afresh({ numbers, make }: Draw): HostRow {
	return step((node, values, run) => {
		const inputs = values.map(tensorOf);
		const blocks = numbers(inputs) * RESERVED_BLOCKS;
		return [make(sessionGenerator(node, run, blocks), inputs, node)];
	});
}

function filled(
	attr: string,
	fillOf: (inputs: readonly Tensor[]) => Fill,
): HostRow {
	return afresh({
		numbers: ([shape]) => elementCount(integers(shape)),
		make: (source, inputs, node) =>
			fillOf(inputs)(source, integers(inputs[0]), dtypeAttr(node, attr)),
	});
}

/** So many samples of each of the distributions that input 1 has parameters of. */
function sampled(attr: string, draw: typeof gammaSamples): HostRow {
	return afresh({
		numbers: ([shape, parameters]) =>
			elementCount(integers(shape)) * elementCount(parameters.shape),
		make: (source, [shape, parameters], node) =>
			draw(
				source,
				[...integers(shape), ...parameters.shape],
				parameters,
				dtypeAttr(node, attr),
			),
	});
}

/** Parameters belong to the first axis here: samples are drawn along the others, and turned. */
function boundedNormal(
	source: Philox,
	[shapeTensor, ...parameters]: readonly Tensor[],
	node: Node,
): Tensor {
	const shape = integers(shapeTensor);
	const [rows, ...rest] = shape;
	const columns = elementCount(rest);
	const drawn = boundedNormalSamples(
		source,
		[columns, rows],
		parameters,
		dtypeAttr(node, "dtype"),
	);
	return { ...transpose(drawn, [1, 0]), shape };
}

export const statefulRows: HostFamily<typeof statefulRandomOps> = {
	RandomUniform: filled("dtype", () => fillUniform),
	RandomStandardNormal: filled("dtype", () => fillNormal),
	TruncatedNormal: filled("dtype", () => fillTruncatedNormal),
	RandomUniformInt: filled("Tout", ([, low, high]) =>
		fillIntBetween(low, high),
	),
	RandomGamma: sampled("T", gammaSamples),
	RandomPoisson: sampled("dtype", poissonSamples),
	RandomPoissonV2: sampled("dtype", poissonSamples),
	ParameterizedTruncatedNormal: afresh({
		numbers: ([shape]) => elementCount(integers(shape)),
		make: boundedNormal,
	}),
	Multinomial: afresh({
		// doubles, two of which make up for what a row leaves of a block
		numbers: ([logits, samples]) =>
			logits.shape[0] * 2 * 4 * Math.ceil(integers(samples)[0] / 4),
		make: (source, [logits, samples], node) =>
			drawnClasses(
				source,
				logits,
				integers(samples)[0],
				dtypeAttr(node, "output_dtype"),
			),
	}),
	RandomShuffle: afresh({
		numbers: ([{ shape }]) => shape[0] ?? 0,
		make: (source, [value]) => shuffledRows(source, value),
	}),
};
