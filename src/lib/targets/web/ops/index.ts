import type { WebRow } from "../lowering.js";
import { arrayRows } from "./array.js";
import { controlRows } from "./control.js";
import { imageRows } from "./image.js";
import { linalgRows } from "./linalg.js";
import { listRows } from "./list.js";
import { mathRows } from "./math.js";
import { nnRows } from "./nn.js";
import { randomRows } from "./random.js";
import { reduceRows } from "./reduce.js";
import { signalRows } from "./signal.js";
import { sparseRows } from "./sparse.js";
import { stringRows } from "./string.js";
import { tableRows } from "./table.js";

/** Why an operation that is not made of others has no form in TensorFlow.js at all; `undefined` if it has one. */
export function webLack(op: string): string | undefined {
	const row = WEB_LOWERINGS[op];
	if (row === undefined) return "TensorFlow.js has no such operation";
	return typeof row === "object" ? row.unsupported : undefined;
}

/** How each primitive op becomes nodes of TensorFlow.js, family by family; an op without a row is one that it lacks. */
export const WEB_LOWERINGS: Readonly<Record<string, WebRow | undefined>> = {
	...mathRows,
	...reduceRows,
	...arrayRows,
	...nnRows,
	...linalgRows,
	...imageRows,
	...signalRows,
	...randomRows,
	...listRows,
	...controlRows,
	...tableRows,
	...stringRows,
	...sparseRows,
};
