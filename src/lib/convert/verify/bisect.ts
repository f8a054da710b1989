import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { MlshipError } from "../../errors.js";
import { inferTypes } from "../../graph/infer.js";
import type { Port, Program } from "../../graph/ir.js";
import { PASSES } from "../../passes/index.js";
import { layerOf } from "../layer.js";
import { diskFolder } from "../output.js";
import { type Comparison, compareRuns } from "./runs.js";

/** The first node whose value differs, in the order of the graph. */
export interface FirstDifference {
	readonly node: string;
	readonly op: string;
	readonly layer: string;
	/** `is off by 0.3 of its largest number`. */
	readonly reason: string;
}

/**
 * Makes every value of a graph an output, and converts it so again: the first that differs tells where. `undefined` where no node
 * differs by itself, or where values cannot be given out.
 */
export async function firstDifference(
	comparison: Comparison,
	folder: string,
): Promise<FirstDifference | undefined> {
	const { target, settings } = comparison;
	const program = withAllOutputs(comparison.program);
	try {
		const lowered = target.lower([program], settings);
		if (lowered.obstacles.length > 0) return undefined;
		const inside = join(folder, "values");
		mkdirSync(inside);
		await lowered.write(diskFolder(inside), target.main);
		const errors = await compareRuns(
			{ ...comparison, program },
			join(inside, target.main),
		);
		const index = errors.findIndex(({ isClose }) => !isClose);
		return index < 0
			? undefined
			: told(program, program.outputs[index].value, errors[index].reason ?? "");
	} catch (error) {
		// the outputs differ; that it cannot be told where is no news
		if (error instanceof MlshipError && error.code !== "BUG") return undefined;
		throw error;
	}
}

function told(
	{ nodes }: Program,
	value: string,
	reason: string,
): FirstDifference | undefined {
	const found = nodes.find(({ outputs }) => outputs.includes(value));
	if (found === undefined) return undefined;
	const layers = layerOf(
		nodes.filter(({ inputs }) => inputs.length > 0).map(({ name }) => name),
	);
	const { name, op } = found;
	return { node: name, op, layer: layers(name), reason };
}

/** The program after the passes, so that nodes are those that targets lower. */
function withAllOutputs(program: Program): Program {
	const prepared = PASSES.reduce((current, { pass }) => pass(current), program);
	const types = inferTypes(prepared);
	const outputs = prepared.nodes.flatMap(({ outputs: made }): Port[] =>
		made.flatMap((value) => {
			const { dtype, shape } = types.typeOf(value);
			const isTensor = dtype !== "resource" && dtype !== "variant";
			return isTensor && types.constantOf(value) === undefined
				? [{ name: `value/${value}`, value, dtype, shape }]
				: [];
		}),
	);
	return { ...prepared, outputs };
}
