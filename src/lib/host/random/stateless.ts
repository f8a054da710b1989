import { dtypeAttr } from "../../graph/attrs.js";
import type { statelessRandomOps } from "../../ops/random/stateless.js";
import { numberTensor } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import { integers } from "../array/integers.js";
import type { HostFamily, HostKernel } from "../kernel.js";
import { binomialSamples } from "./binomial.js";
import { boundedNormalSamples } from "./bounded-normal.js";
import { drawnClasses, shuffledRows } from "./choice.js";
import {
	type Fill,
	fillFullInt,
	fillIntBetween,
	fillNormal,
	fillTruncatedNormal,
	fillUniform,
} from "./fill.js";
import { gammaSamples } from "./gamma.js";
import {
	namedGenerator,
	PHILOX,
	scrambledSeed,
	seededGenerator,
} from "./generator.js";
import { poissonSamples } from "./poisson.js";

/** Inputs shape and seed. */
function seeded(fill: Fill): HostKernel {
	return (node, [shape, seed]) => [
		fill(seededGenerator(seed), integers(shape), dtypeAttr(node, "dtype")),
	];
}

/** Inputs shape, key, counter and algorithm. */
function named(fill: Fill): HostKernel {
	return (node, [shape, key, counter, algorithm]) => [
		fill(
			namedGenerator(key, counter, algorithm),
			integers(shape),
			dtypeAttr(node, "dtype"),
		),
	];
}

const keyAndCounter: HostKernel = (_, [seed]) => {
	const { key, counter } = scrambledSeed(seed);
	return [
		{ dtype: "uint64", shape: [1], data: key },
		{ dtype: "uint64", shape: [2], data: counter },
	];
};

const algorithm: Tensor = numberTensor("int32", PHILOX);

export const statelessRows: HostFamily<typeof statelessRandomOps> = {
	StatelessRandomGetKeyCounterAlg: (node, inputs) => [
		...(keyAndCounter(node, inputs) ?? []),
		algorithm,
	],
	StatelessRandomGetKeyCounter: keyAndCounter,
	StatelessRandomGetAlg: () => [algorithm],
	StatelessRandomUniform: seeded(fillUniform),
	StatelessRandomUniformV2: named(fillUniform),
	StatelessRandomNormal: seeded(fillNormal),
	StatelessRandomNormalV2: named(fillNormal),
	StatelessTruncatedNormal: seeded(fillTruncatedNormal),
	StatelessTruncatedNormalV2: named(fillTruncatedNormal),
	StatelessRandomUniformFullInt: seeded(fillFullInt),
	StatelessRandomUniformFullIntV2: named(fillFullInt),
	StatelessRandomUniformInt: (node, inputs) =>
		seeded(fillIntBetween(inputs[2], inputs[3]))(node, inputs),
	StatelessRandomUniformIntV2: (node, inputs) =>
		named(fillIntBetween(inputs[4], inputs[5]))(node, inputs),
	StatelessRandomBinomial: (node, [shape, seed, ...parameters]) => [
		binomialSamples(
			seededGenerator(seed),
			integers(shape),
			parameters,
			dtypeAttr(node, "dtype"),
		),
	],
	StatelessRandomPoisson: (node, [shape, seed, rate]) => [
		poissonSamples(
			seededGenerator(seed),
			integers(shape),
			rate,
			dtypeAttr(node, "dtype"),
		),
	],
	StatelessRandomGammaV2: (_, [shape, seed, alpha]) => [
		gammaSamples(seededGenerator(seed), integers(shape), alpha, alpha.dtype),
	],
	StatelessRandomGammaV3: (_, [shape, key, counter, chosen, alpha]) => [
		gammaSamples(
			namedGenerator(key, counter, chosen),
			integers(shape),
			alpha,
			alpha.dtype,
		),
	],
	StatelessParameterizedTruncatedNormal: (
		node,
		[shape, seed, ...parameters],
	) => [
		boundedNormalSamples(
			seededGenerator(seed),
			integers(shape),
			parameters,
			dtypeAttr(node, "dtype"),
		),
	],
	StatelessMultinomial: (node, [logits, samples, seed]) => [
		drawnClasses(
			seededGenerator(seed),
			logits,
			integers(samples)[0],
			dtypeAttr(node, "output_dtype"),
		),
	],
	StatelessShuffle: (_, [value, key, counter, chosen]) => [
		shuffledRows(namedGenerator(key, counter, chosen), value),
	],
};
