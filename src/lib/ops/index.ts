import { arrayOps } from "./array.js";
import { controlOps } from "./control.js";
import type { OpEntry } from "./define.js";
import { imageOps } from "./image.js";
import { linalgOps } from "./linalg.js";
import { listOps } from "./list.js";
import { lookupOps } from "./lookup.js";
import { mathOps } from "./math.js";
import { nnOps } from "./nn.js";
import { parseOps } from "./parse.js";
import { pictureOps } from "./picture.js";
import { quantizedOps } from "./quantized.js";
import { raggedOps } from "./ragged.js";
import { randomOps } from "./random.js";
import { reduceOps } from "./reduce.js";
import { fourierOps } from "./signal/fourier.js";
import { signalOps } from "./signal.js";
import { sparseOps } from "./sparse.js";
import { specialFunctionOps } from "./special.js";
import { stringOps } from "./string.js";
import { tableOps } from "./table.js";

/** THE op table, family by family. */
export const OPS: Readonly<Record<string, OpEntry | undefined>> = {
	...mathOps,
	...reduceOps,
	...arrayOps,
	...nnOps,
	...linalgOps,
	...imageOps,
	...stringOps,
	...raggedOps,
	...parseOps,
	...tableOps,
	...lookupOps,
	...randomOps,
	...sparseOps,
	...signalOps,
	...fourierOps,
	...specialFunctionOps,
	...quantizedOps,
	...pictureOps,
	...listOps,
	...controlOps,
};
