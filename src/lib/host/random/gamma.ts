import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { normal } from "./distribution.js";
import type { Philox } from "./philox.js";
import {
	backwards,
	doublesOf,
	RESERVED_BLOCKS,
	samplesOf,
	skipping,
	uniformDoubles,
} from "./samples.js";

/**
 * Samples of gamma distributions of rate 1: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000),
 * with the generator's numbers in the order of stateless_random_gamma_op.cc.
 */
export function gammaSamples(
	source: Philox,
	shape: readonly number[],
	alpha: Tensor,
	dtype: DType,
): Tensor {
	const alphas = doublesOf(alpha);
	return samplesOf(dtype, shape, alpha.shape, (index, output) =>
		sample(skipping(source, RESERVED_BLOCKS * output), alphas[index]),
	);
}

function sample(source: Philox, alpha: number): number {
	const nextUniform = uniformDoubles(source);
	if (alpha === 1) return -Math.log1p(-nextUniform());
	const nextNormal = backwards(normal.float64, source);
	const isSmall = alpha < 1;
	const d = alpha + (isSmall ? 2 / 3 : -1 / 3);
	const c = 1 / 3 / Math.sqrt(d);
	for (;;) {
		const x = nextNormal();
		const root = 1 + c * x;
		if (root <= 0) continue;
		const v = root * root * root;
		const u = nextUniform();
		const isInside =
			u < 1 - 0.0331 * (x * x) * (x * x) ||
			Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v));
		// NaN is in no bounds, and would be drawn for ever
		if (!isInside && !Number.isNaN(v)) continue;
		return isSmall ? d * v * nextUniform() ** (1 / alpha) : d * v;
	}
}
