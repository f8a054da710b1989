import { listOps } from "../ops/list.js";
import { parseOps } from "../ops/parse.js";
import { pictureOps } from "../ops/picture.js";
import { randomOps } from "../ops/random.js";
import { stringOps } from "../ops/string.js";
import { tableOps } from "../ops/table.js";

/** What a user can do about an operation that a target lacks, family by family; the first row that has it counts. */
const WAYS: readonly (readonly [family: object, way: string])[] = [
	[
		tableOps,
		"look words up before the model: export a signature that takes the indices",
	],
	[
		stringOps,
		"work on text before the model: export a signature that takes numbers",
	],
	[
		parseOps,
		"export a signature that takes the features as tensors, not as serialized examples",
	],
	[
		pictureOps,
		"decode pictures before the model: export a signature that takes pixels",
	],
	[
		randomOps,
		"export the model for inference: layers that draw random numbers do nothing there",
	],
	[
		listOps,
		"export the recurrent layer with a fixed number of steps (unroll=True)",
	],
];

const OTHERWISE =
	"export a signature that ends before it or starts behind it; mlship predict and mlship serve run the model as it is";

export function wayOut(op: string): string {
	return WAYS.find(([family]) => Object.hasOwn(family, op))?.[1] ?? OTHERWISE;
}
