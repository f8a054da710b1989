import { relative, resolve } from "node:path";
import { verifyResult } from "../../lib/convert/verify/result.js";
import { differenceOf } from "../../lib/convert/verify/verify.js";
import { fail } from "../../lib/errors.js";
import { isFile, isFolder } from "../../lib/formats/file.js";
import { parseTags } from "../../lib/savedmodel/read.js";
import { type CommandContext, ReportedFailure } from "../context.js";
import { listOf, sourceOf, toleranceOf } from "../source.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { showVerification, verificationJson } from "../ui/verify.js";
import type { VerifyCommandOptions } from "../verify.js";

/** Compares two models, and prints how far apart their answers are. */
export async function runVerify(
	source: string,
	result: string,
	options: VerifyCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { cwd, stdout } = context;
	const tolerance = toleranceOf(options.tolerance);
	const chosen = sourceOf(source, "verify", options, context);
	const path = resultPath(result, options, context);
	const verification = await verifyResult(chosen.version.dir, path, {
		signature: options.signature,
		tags: parseTags(options.tagSet),
		inputs: listOf(options.inputs),
		outputs: listOf(options.outputs),
		data: options.data === undefined ? undefined : resolve(cwd, options.data),
		tolerance,
	});
	const difference = differenceOf(verification);
	const mismatch =
		difference &&
		fail("MISMATCH", `the models answer differently: ${difference.text}`, {
			at: difference.at,
			hint: "--tolerance allows more, --data compares on inputs of yours",
		});
	if (options.json) {
		const { code, message, hint, at } = mismatch ?? {};
		const error = mismatch && { error: { code, message, hint, at } };
		stdout(
			`${JSON.stringify({ ...error, ...verificationJson(verification) })}\n`,
		);
		if (code !== undefined) throw new ReportedFailure(code);
		return;
	}
	const style = styleFor(colourWanted(context, options, "stdout"));
	const shown = {
		source: `${chosen.name} ${chosen.version.version}`,
		result: relative(cwd, path) || ".",
	};
	stdout(showVerification(verification, shown, style));
	if (mismatch !== undefined) throw mismatch;
}

/** A path as it is, else a version as commands name it. */
function resultPath(
	argument: string,
	options: VerifyCommandOptions,
	context: CommandContext,
): string {
	const path = resolve(context.cwd, argument);
	const isResult =
		isFile(path) ||
		RESULTS.some((name) => isFolder(path) && isFile(resolve(path, name)));
	return isResult
		? path
		: sourceOf(argument, "verify", options, context).version.dir;
}

const RESULTS = ["model.onnx", "model.tflite", "model.json"];
