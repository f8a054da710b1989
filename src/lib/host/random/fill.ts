import { fail } from "../../errors.js";
import {
	type BigArray,
	DTYPES,
	type DType,
	type NumericArray,
	type TypedArray,
} from "../../tensor/dtype.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import { rounded } from "../elementwise.js";
import type { Distribution } from "./distribution.js";
import {
	bigIntBetween,
	fullBigInt,
	fullInt,
	intBetween,
	normal,
	truncatedNormal,
	uniform,
} from "./distribution.js";
import type { Philox } from "./philox.js";

/** A number is given up to 256 words where it may take any number, so that each has the same whatever others took. */
const RESERVED_WORDS = 256;
const BLOCK_WORDS = 4;

/** How a tensor of a shape and element type is filled from a generator. */
export type Fill = (
	source: Philox,
	shape: readonly number[],
	dtype: DType,
) => Tensor;

export const fillUniform = fillReal(uniform);
export const fillNormal = fillReal(normal);
export const fillTruncatedNormal = fillReal(truncatedNormal);

export const fillFullInt: Fill = (source, shape, dtype) =>
	DTYPES[dtype].kind === "bigint"
		? filled(fullBigInt, source, shape, dtype)
		: filled(fullInt, source, shape, dtype);

/** Integers from the first tensor's element up to and without the second's. Fails with INVALID where there are none. */
export function fillIntBetween(low: Tensor, high: Tensor): Fill {
	const [from, to] = [low, high].map(
		({ data }) => (data as BigArray | NumericArray)[0],
	);
	return (source, shape, dtype) => {
		if (elementCount(shape) > 0 && from >= to)
			throw fail(
				"INVALID",
				`cannot draw from ${from} up to ${to}: there is no number`,
			);
		return typeof from === "bigint"
			? filled(bigIntBetween(from, to as bigint), source, shape, dtype)
			: filled(intBetween(from, to as number), source, shape, dtype);
	};
}

function fillReal(
	distributions: Readonly<Record<string, Distribution<NumericArray>>>,
): Fill {
	return (source, shape, dtype) => {
		const distribution = distributions[dtype];
		if (distribution === undefined)
			throw fail("UNSUPPORTED", `cannot draw random numbers of type ${dtype}`);
		return filled(distribution, source, shape, dtype);
	};
}

/** As FillPhiloxRandomTask does (random_op_cpu.h), whose results are the same for any number of threads. */
function filled<Values extends NumericArray | BigArray>(
	{ group, isRejecting, draw }: Distribution<Values>,
	source: Philox,
	shape: readonly number[],
	dtype: DType,
): Tensor {
	const count = elementCount(shape);
	const isHalf = DTYPES[dtype].kind === "half";
	const values = allocate(
		isHalf ? "float32" : dtype,
		Math.ceil(count / group) * group,
	) as Values;
	const skipped = (group * RESERVED_WORDS) / BLOCK_WORDS;
	for (let at = 0; at < count; at += group) {
		draw(isRejecting ? source.copy() : source, values, at);
		if (isRejecting) source.skip(skipped);
	}
	const drawn: TypedArray =
		values.length === count ? values : (values.slice(0, count) as Values);
	return {
		dtype,
		shape,
		data: isHalf ? rounded(dtype, drawn as NumericArray) : drawn,
	};
}
