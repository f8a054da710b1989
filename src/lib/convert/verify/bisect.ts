import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { MlshipError } from "../../errors.js";
import { inferTypes } from "../../graph/infer.js";
import type { Node, Port, Program } from "../../graph/ir.js";
import { PASSES } from "../../passes/index.js";
import type { Tensors } from "../../tensor/tensor.js";
import type { ConversionPlan } from "../convert.js";
import { layerOf } from "../layer.js";
import { diskFolder } from "../output.js";
import type { Result } from "../results/result.js";
import { readResult } from "../results.js";
import type { Opened } from "../target.js";
import { compareOutput } from "./compare.js";
import { insideOf, layoutsOf } from "./inside.js";
import { askSource, copied } from "./reference.js";

/** The first node whose value differs, in the order of the graph. */
export interface FirstDifference {
	readonly node: string;
	readonly op: string;
	readonly layer: string;
	/** `is off by 0.3 of its largest number`. */
	readonly reason: string;
}

/** One signature whose answers differ. */
export interface Differing extends Pick<ConversionPlan, "target" | "settings"> {
	readonly program: Program;
	readonly inputs: Tensors;
	readonly tolerance: number;
	/** Where the result lies, and its main file. */
	readonly folder: string;
	readonly path: string;
}

/**
 * Looks at what the result computes inside; where that tells nothing, makes every value of the graph an output and converts it
 * so again. `undefined` where no node differs by itself, or where values cannot be given out.
 */
export async function firstDifference(
	differing: Differing,
): Promise<FirstDifference | undefined> {
	const { program, path, target } = differing;
	const found = await tried(async () => {
		const result = await readResult(path, program.signature);
		return (
			result && differenceInside(result, { ...differing, kin: target.engine })
		);
	});
	return found ?? (await tried(() => differenceOfAll(differing)));
}

/** That it cannot be told where answers differ is no news. */
async function tried<T>(look: () => Promise<T>): Promise<T | undefined> {
	try {
		return await look();
	} catch (error) {
		if (error instanceof MlshipError) return undefined;
		throw error;
	}
}

export interface LookedAt
	extends Pick<Differing, "program" | "inputs" | "tolerance"> {
	readonly kin: string | undefined;
}

/** Compares values of the source to those of the same node in a result, where it has some that is called so. */
export async function differenceInside(
	result: Result,
	{ program, inputs, tolerance, kin }: LookedAt,
): Promise<FirstDifference | undefined> {
	const all = withAllOutputs(program, isFloat);
	const inside = insideOf(all.nodes, result.values);
	const open = await result.open([...inside.values()]);
	const { values } = await open.run(copied(inputs)).finally(() => open.close());
	const known = all.outputs.filter(({ value }) => inside.has(value));
	const source = await askSource(
		{ program: { ...all, outputs: known } },
		[inputs],
		kin,
	);
	const [{ outputs: expected }] = source.answers;
	for (const { name, value } of known) {
		const actual = values[inside.get(value) ?? ""];
		const wanted = expected[name];
		const errors = layoutsOf(actual, wanted.shape).map((tensor) =>
			compareOutput(name, tensor, wanted, tolerance),
		);
		const [error] = errors;
		if (error !== undefined && errors.every(({ isClose }) => !isClose))
			return told(all, value, error.reason ?? "");
	}
	return undefined;
}

async function differenceOfAll({
	target,
	settings,
	program,
	inputs,
	tolerance,
	folder,
}: Differing): Promise<FirstDifference | undefined> {
	const all = withAllOutputs(program, () => true);
	const lowered = target.lower([all], settings);
	if (lowered.obstacles.length > 0) return undefined;
	const inside = join(folder, "values");
	mkdirSync(inside);
	await lowered.write(diskFolder(inside), target.main);
	const source = await askSource({ program: all }, [inputs], target.engine);
	const opened: Opened = await target.open(join(inside, target.main), all);
	const made = await opened.run(copied(inputs)).finally(() => opened.close());
	const [{ outputs }] = source.answers;
	for (const { name, value } of all.outputs) {
		const { isClose, reason = "" } = compareOutput(
			...([name, made[name], outputs[name], tolerance] as const),
		);
		if (!isClose) return told(all, value, reason);
	}
	return undefined;
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

function isFloat({ dtype }: Port): boolean {
	return dtype === "float32";
}

/** The program after the passes, so that nodes are those that targets lower. */
function withAllOutputs(
	program: Program,
	isWanted: (port: Port) => boolean,
): Program {
	const prepared = PASSES.reduce((current, { pass }) => pass(current), program);
	const types = inferTypes(prepared);
	const outputs = prepared.nodes.flatMap(({ outputs: made }: Node): Port[] =>
		made.flatMap((value) => {
			const { dtype, shape } = types.typeOf(value);
			const port = { name: `value/${value}`, value, dtype, shape };
			const isTensor = dtype !== "resource" && dtype !== "variant";
			return isTensor && types.constantOf(value) === undefined && isWanted(port)
				? [port]
				: [];
		}),
	);
	return { ...prepared, outputs };
}
