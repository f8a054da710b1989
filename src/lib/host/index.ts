import type { Node } from "../graph/ir.js";
import { DTYPES, type DType } from "../tensor/dtype.js";
import { arrayKernels } from "./array.js";
import { complexKernels } from "./complex.js";
import { controlKernels } from "./control.js";
import { imageKernels } from "./image.js";
import type { HostKernel, HostRow } from "./kernel.js";
import { linalgKernels } from "./linalg.js";
import { listArithmetic } from "./list/arithmetic.js";
import { listKernels } from "./list.js";
import { mathKernels } from "./math.js";
import { nnKernels } from "./nn.js";
import { parseKernels } from "./parse.js";
import { pictureKernels } from "./picture.js";
import { quantizedKernels } from "./quantized.js";
import { raggedKernels } from "./ragged.js";
import { randomKernels } from "./random.js";
import { reduceKernels } from "./reduce.js";
import { signalKernels } from "./signal.js";
import { sparseKernels } from "./sparse.js";
import { specialKernels } from "./special.js";
import { stringKernels } from "./string.js";
import { tableKernels } from "./table.js";

/** THE table of kernels in TypeScript, family by family. */
const ROWS: Readonly<Record<string, HostRow | undefined>> = {
	...mathKernels,
	...reduceKernels,
	...arrayKernels,
	...nnKernels,
	...linalgKernels,
	...imageKernels,
	...stringKernels,
	...raggedKernels,
	...parseKernels,
	...tableKernels,
	...randomKernels,
	...sparseKernels,
	...signalKernels,
	...specialKernels,
	...quantizedKernels,
	...pictureKernels,
	...listKernels,
	...controlKernels,
};

/** How the host computes a node whose inputs and outputs have these element types; `undefined` if it cannot. */
export function hostRow(
	{ op }: Pick<Node, "op">,
	dtypes: readonly DType[],
): HostRow | undefined {
	const isComplex = dtypes.some((dtype) => DTYPES[dtype].kind === "complex");
	const isList = dtypes.includes("variant");
	return (
		(isComplex ? complexKernels[op] : undefined) ??
		(isList ? listArithmetic[op] : undefined) ??
		ROWS[op]
	);
}

/** As `hostRow`, where that is arithmetic and no step: what may be computed before anything runs. */
export function hostKernel(
	node: Pick<Node, "op">,
	dtypes: readonly DType[],
): HostKernel | undefined {
	const row = hostRow(node, dtypes);
	return typeof row === "function" ? row : undefined;
}

/** The ops that the host has a row for, complex numbers aside. */
export const HOST_OPS: readonly string[] = Object.keys(ROWS);
