import { availableParallelism } from "node:os";
import { fail } from "../../lib/errors.js";
import { parseTags } from "../../lib/savedmodel/read.js";
import type { LoadOptions } from "../../lib/serving/load.js";
import type { PixelScale } from "../../lib/tensor/image.js";
import { parseScale } from "../../lib/tensor/pixel-scale.js";
import type { PredictOptions } from "../predict.js";

/** The options of `predict`, read and checked. */
export interface PredictSettings extends PredictOptions {
	readonly load: LoadOptions;
	readonly rowsAtOnce: number | undefined;
	readonly classes: number | undefined;
	readonly pixels: PixelScale | undefined;
}

/** Reads the options; fails with INVALID, what is wanted being said. */
export function readSettings(options: PredictOptions): PredictSettings {
	const { tagSet, engine, batchSize, top, scale } = options;
	const tags = parseTags(tagSet);
	return {
		...options,
		// one question needs no thread beside this one
		load: {
			lazy: true,
			workers: 0,
			threads: availableParallelism(),
			...(tags && { tags }),
			...(engine && { engine }),
		},
		rowsAtOnce: readCount("--batch-size", batchSize),
		classes: readCount("--top", top),
		pixels: scale === undefined ? undefined : parseScale(scale),
	};
}

function readCount(
	option: string,
	text: string | undefined,
): number | undefined {
	if (text === undefined) return undefined;
	const count = Number(text);
	if (!/^\d{1,9}$/.test(text) || count < 1)
		throw fail(
			"INVALID",
			`cannot use ${option} ${text}: a number from 1 on is wanted`,
		);
	return count;
}
