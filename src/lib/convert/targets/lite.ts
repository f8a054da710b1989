import { readFileSync } from "node:fs";
import { openLite } from "../../engines/tflite/model.js";
import { hasTflite, INSTALL_TFLITE } from "../../engines/tflite/wasm.js";
import { fail } from "../../errors.js";
import type { Program } from "../../graph/ir.js";
import type { LiteModel } from "../../targets/lite/graph.js";
import { liteModel, withBatch } from "../../targets/lite/model.js";
import { writeLite } from "../../targets/lite/write.js";
import { convertTensor } from "../../tensor/convert.js";
import type { Tensors } from "../../tensor/tensor.js";
import type { Lowered, Opened, Target } from "../target.js";

export interface LiteSettings {
	/** The size of the batch, where a signature leaves it open. */
	readonly fixBatch?: number;
}

/** A file of TensorFlow Lite, for phones, browsers and small machines. */
export const liteTarget: Target = {
	name: "lite",
	main: "model.tflite",
	extension: ".tflite",
	takes: ["fixBatch"],
	holdsSignatures: true,
	lower,
	missing: () => (hasTflite() ? undefined : INSTALL_TFLITE),
	open,
};

function lower(
	programs: readonly Program[],
	{ fixBatch }: LiteSettings,
): Lowered {
	const sized =
		fixBatch === undefined ? programs : fixedBatch(programs, fixBatch);
	const { model, obstacles } = liteModel(sized);
	return {
		obstacles,
		programs: sized,
		ops: countOps(model),
		notes: [],
		write: (folder, main) => folder.write(main, [writeLite(model)]),
	};
}

function fixedBatch(
	programs: readonly Program[],
	size: number,
): readonly Program[] {
	const ports = programs.flatMap(({ inputs }) => inputs);
	if (ports.every(({ shape }) => (shape?.[0] ?? 0) >= 0))
		throw fail("INVALID", "cannot fix the batch: every input has a size", {
			hint: "leave --fix-batch out",
		});
	return programs.map((program) => withBatch(program, size));
}

function countOps({ graphs }: LiteModel): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const { operators } of graphs)
		for (const { op } of operators) counts.set(op, (counts.get(op) ?? 0) + 1);
	return counts;
}

/** Element types that files hold in others are converted on the way in and out. */
async function open(path: string, program: Program): Promise<Opened> {
	const session = await openLite(readFileSync(path), program.signature);
	const { inputs } = session.signature;
	return {
		run: async (given) => {
			const feeds = Object.fromEntries(
				inputs.map(({ name, dtype }) => [
					name,
					convertTensor(given[name], dtype),
				]),
			);
			const made: Tensors = await session.run(feeds);
			return Object.fromEntries(
				program.outputs.map(({ name, dtype }) => [
					name,
					convertTensor(made[name], dtype),
				]),
			);
		},
		close: async () => session.close(),
	};
}
