import type { LiteRow } from "../lowering.js";
import { arrayRows } from "./array.js";
import { controlRows } from "./control.js";
import { imageRows } from "./image.js";
import { linalgRows } from "./linalg.js";
import { mathRows } from "./math.js";
import { nnRows } from "./nn.js";
import { randomRows } from "./random.js";
import { reduceRows } from "./reduce.js";
import { signalRows } from "./signal.js";

/** Why an operation that is not made of others has no form in TensorFlow Lite at all; `undefined` if it has one. */
export function liteLack(op: string): string | undefined {
	const row = LITE_LOWERINGS[op];
	if (row === undefined) return "TensorFlow Lite has no such operation";
	return typeof row === "object" ? row.unsupported : undefined;
}

/** How each primitive op becomes operators of TensorFlow Lite, family by family. */
export const LITE_LOWERINGS: Readonly<Record<string, LiteRow | undefined>> = {
	...mathRows,
	...reduceRows,
	...arrayRows,
	...nnRows,
	...linalgRows,
	...imageRows,
	...controlRows,
	...signalRows,
	...randomRows,
};
