import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { diskFolder } from "../../src/lib/convert/output.js";
import { obstaclesOf, showReason } from "../../src/lib/convert/report.js";
import { constantProgram } from "../../src/lib/convert/source.js";
import type { Opened, Target } from "../../src/lib/convert/target.js";
import { asMlshipError } from "../../src/lib/errors.js";
import type { Program } from "../../src/lib/graph/ir.js";
import type { Case } from "../cases.js";
import type { OpenedModel } from "../corpus.js";
import { type Problems, problemOf } from "./answers.js";

/** By target, the flag of fixtures/ops/known.json for the converter that people know. */
export const CONVERTERS: Readonly<Record<string, string>> = {
	web: "tfjs",
	lite: "tflite",
	onnx: "tf2onnx",
};

/** Converts each signature, and asks the result what TensorFlow was asked. */
export async function answersInTarget(
	model: OpenedModel,
	cases: readonly Case[],
	target: Target,
	folder: string,
): Promise<Problems> {
	const problems = new Map<string, string>();
	const bySignature = new Map<string, Case[]>();
	for (const item of cases)
		bySignature.set(item.signature, [
			...(bySignature.get(item.signature) ?? []),
			item,
		]);
	for (const [signature, own] of bySignature) {
		const inside = join(folder, `${target.name}-${signature}`);
		mkdirSync(inside);
		try {
			const program = constantProgram(model.program(signature));
			const opened = await converted(program, target, inside);
			const found = await firstProblem(opened, own).finally(() =>
				opened.close(),
			);
			if (found !== undefined) problems.set(signature, found);
		} catch (error) {
			problems.set(signature, plainly(asMlshipError(error).message));
		}
	}
	return problems;
}

async function firstProblem(
	opened: Opened,
	cases: readonly Case[],
): Promise<string | undefined> {
	for (const item of cases) {
		const found = problemOf(await opened.run(item.inputs), item);
		if (found !== undefined) return found;
	}
	return undefined;
}

async function converted(
	program: Program,
	target: Target,
	folder: string,
): Promise<Opened> {
	const lowered = target.lower([program], {});
	const obstacles = obstaclesOf(program, lowered.obstacles);
	if (obstacles.length > 0)
		throw new Error(`no ${obstacles.map(showReason).join(", ")}`);
	await lowered.write(diskFolder(folder), target.main);
	return target.open(join(folder, target.main), program);
}

/** Nodes have names that TensorFlow drew by lot. */
function plainly(message: string): string {
	return message
		.replace(/signature "[^"]*"/g, "the signature")
		.replace(/ \(node "[^"]*"/g, " (node")
		.split("\n")[0];
}
