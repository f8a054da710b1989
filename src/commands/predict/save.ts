import { renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Tensors } from "../../lib/engines/engine.js";
import { asMlshipError, fail } from "../../lib/errors.js";
import { encodeOutputsJson } from "../../lib/tensor/json/encode.js";
import { writeNpz } from "../../lib/tensor/npz.js";
import { showShape } from "../../lib/tensor/tensor.js";
import type { CommandContext } from "../context.js";
import type { PredictSettings } from "./settings.js";

/** Writes outputs to a file of the kind that its name tells; fails with INVALID for other names. */
export function saveOutputs(
	outputs: Tensors,
	out: string,
	{ json, quiet }: PredictSettings,
	{ cwd, stdout, stderr }: CommandContext,
): void {
	replaceFile(resolve(cwd, out), fileFormat(out)(outputs));
	const written = Object.entries(outputs).map(([name, { dtype, shape }]) => ({
		name,
		dtype,
		shape,
	}));
	if (json) stdout(`${JSON.stringify({ file: out, outputs: written })}\n`);
	else if (!quiet)
		stderr(
			`wrote ${out}: ${written.map(({ name, dtype, shape }) => `${name} ${dtype} ${showShape(shape)}`).join(", ")}\n`,
		);
}

/** Writes the answer to a request as it is. */
export function saveAnswer(
	answer: Uint8Array,
	out: string,
	{ json, quiet }: PredictSettings,
	{ cwd, stdout, stderr }: CommandContext,
): void {
	replaceFile(resolve(cwd, out), answer);
	if (json) stdout(`${JSON.stringify({ file: out })}\n`);
	else if (!quiet) stderr(`wrote ${out}\n`);
}

type Encode = (outputs: Tensors) => Uint8Array;

const FORMATS: Readonly<Record<string, Encode>> = {
	".npz": writeNpz,
	".json": encodeOutputsJson,
};

/** How a file of this name is written. */
export function fileFormat(name: string): Encode {
	const found = Object.entries(FORMATS).find(([suffix]) =>
		name.toLowerCase().endsWith(suffix),
	);
	if (found === undefined)
		throw fail(
			"INVALID",
			`cannot write ${name}: a name that ends in ${Object.keys(FORMATS).join(" or ")} is wanted`,
		);
	return found[1];
}

/** A reader sees the old file or the new one, never half of it. */
function replaceFile(path: string, content: Uint8Array): void {
	const temporary = `${path}.${process.pid}.tmp`;
	try {
		writeFileSync(temporary, content);
		renameSync(temporary, path);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw asMlshipError(error);
	}
}
