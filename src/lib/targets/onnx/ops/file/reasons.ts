import { queueOps } from "../../../../ops/list/queue.js";
import { parseOps } from "../../../../ops/parse.js";
import { pictureOps } from "../../../../ops/picture.js";
import { generatorOps } from "../../../../ops/random/generator.js";
import { statelessRandomOps } from "../../../../ops/random/stateless.js";
import { stringOps } from "../../../../ops/string.js";
import { tableOps } from "../../../../ops/table.js";
import { type LoweringRows, unsupported } from "../../lowering.js";

const SEEDED = "ONNX's generator makes other numbers of a seed";

/** Why a file cannot do what the host of an engine does, family by family. */
const REASONS: readonly (readonly [family: object, reason: string])[] = [
	[queueOps, "a queue is kept from run to run, and a file keeps nothing"],
	[stringOps, "ONNX takes text as a whole: it neither cuts nor hashes it"],
	[parseOps, "ONNX reads no serialized messages"],
	[pictureOps, "ONNX Runtime decodes no pictures"],
	[statelessRandomOps, SEEDED],
	[generatorOps, SEEDED],
	[
		tableOps,
		"ONNX has tables of one value a key that are filled once and never change",
	],
];

/** Rows of all that stays with the host. */
export const hostAlone: LoweringRows = Object.fromEntries(
	REASONS.flatMap(([family, reason]) =>
		Object.keys(family).map((op) => [op, unsupported(reason)]),
	),
);
