import { DTYPES, type NumericArray } from "../tensor/dtype.js";
import { allocate, elementCount } from "../tensor/tensor.js";
import { complexArithmetic } from "./complex/arithmetic.js";
import { complexEinsum } from "./complex/einsum.js";
import { complexHermitian } from "./complex/linalg/hermitian.js";
import { complexReflections } from "./complex/linalg/reflection.js";
import { complexSolving } from "./complex/linalg/solving.js";
import { complexTriangles } from "./complex/linalg/triangles.js";
import { complexParts } from "./complex/parts.js";
import { complexProducts } from "./complex/products.js";
import { complexReductions } from "./complex/reduction.js";
import { complexSegments } from "./complex/segment.js";
import type { HostKernel } from "./kernel.js";

const onesLike: HostKernel = (_, [{ dtype, shape }]) => {
	const data = allocate(dtype, elementCount(shape)) as NumericArray;
	for (let i = 0; i < data.length; i += DTYPES[dtype].lanes) data[i] = 1;
	return [{ dtype, shape, data }];
};

/** Ops on complex numbers, which no numeric runtime has: consulted first where an input or output of a node is complex. */
export const complexKernels: Readonly<Record<string, HostKernel | undefined>> =
	{
		...complexParts,
		...complexArithmetic,
		...complexReductions,
		...complexSegments,
		...complexProducts,
		...complexSolving,
		...complexTriangles,
		...complexHermitian,
		...complexReflections,
		Einsum: complexEinsum,
		OnesLike: onesLike,
	};
