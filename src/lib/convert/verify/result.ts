import { loadProgram } from "../../engines/index.js";
import { fail, MlshipError } from "../../errors.js";
import { statPath } from "../../formats/file.js";
import type { Program } from "../../graph/ir.js";
import { isComplex } from "../../passes/complex/pair.js";
import { convertTensor } from "../../tensor/convert.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor, Tensors } from "../../tensor/tensor.js";
import { asPairs, ofPairs } from "../pairs.js";
import type { Result } from "../results/result.js";
import { readResult } from "../results.js";
import { openSource, type Source, type SourceOptions } from "../source.js";
import type { Opened } from "../target.js";
import { differenceInside, type FirstDifference } from "./bisect.js";
import { matchPorts } from "./ports.js";
import {
	type Compared,
	compareAnswers,
	joined,
	TOLERANCE,
	type Verification,
	type VerifyOptions,
} from "./verify.js";

export interface VerifyResultOptions extends SourceOptions, VerifyOptions {}

export interface ResultVerification extends Verification {
	/** `ONNX file`, or `model` where it is run as the source is. */
	readonly form: string;
	/** Signatures that were compared. */
	readonly signatures: readonly string[];
}

/**
 * Compares the answers of a model to those of what it was converted to, by whomever: an ONNX file, a file of TensorFlow Lite, a
 * graph model of TensorFlow.js; or of any other model that can be read. Fails as their readers do, and with INVALID where
 * inputs and outputs cannot be told apart.
 */
export async function verifyResult(
	sourcePath: string,
	resultPath: string,
	options: VerifyResultOptions = {},
): Promise<ResultVerification> {
	if (statPath(resultPath) === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot find ${resultPath}: no such file or folder`,
			{
				at: { path: resultPath },
			},
		);
	const source = await openSource(sourcePath, options);
	try {
		return await verifyPrograms(source, resultPath, options);
	} finally {
		source.close();
	}
}

async function verifyPrograms(
	source: Source,
	path: string,
	{ tolerance = TOLERANCE, data, tags, signature }: VerifyResultOptions,
): Promise<ResultVerification> {
	const found: Compared[] = [];
	let first: FirstDifference | undefined;
	let form = "model";
	for (const [i, program] of source.programs.entries()) {
		const asked = { program, origin: source.origins[i] };
		const result = await readResult(path, program.signature);
		const compare = (kin: string | undefined, open: () => Promise<Opened>) =>
			compareAnswers(asked, { data, tolerance, kin, open });
		if (result === undefined) {
			const other = await openSource(path, { tags, signature });
			found.push(
				await compare(undefined, () => openProgram(program, other)).finally(
					() => other.close(),
				),
			);
			continue;
		}
		form = result.form;
		const named = withNames(result, program);
		const compared = await compare(result.engine, async () => {
			const open = await named.open([]);
			const run = async (inputs: Tensors) => (await open.run(inputs)).outputs;
			return { run, close: open.close };
		});
		found.push(compared);
		if (compared.outputs.some(({ isClose }) => !isClose))
			first ??= await look(named, program, compared, tolerance);
	}
	return {
		form,
		signatures: source.programs.map((program) => program.signature),
		tolerance,
		data: data ?? "random",
		...joined(found),
		first,
	};
}

/** That it cannot be told where answers differ is no news. */
async function look(
	result: Result,
	program: Program,
	{ inputs }: Compared,
	tolerance: number,
): Promise<FirstDifference | undefined> {
	try {
		const kin = result.engine;
		return await differenceInside(result, { program, inputs, tolerance, kin });
	} catch (error) {
		if (error instanceof MlshipError) return undefined;
		throw error;
	}
}

/** A result that is called as its source is, in the source's element types. */
function withNames(result: Result, program: Program): Result {
	const inputs = matchPorts("input", program.inputs, result.inputs);
	const outputs = matchPorts("output", program.outputs, result.outputs);
	return {
		...result,
		open: async (values) => {
			const open = await result.open(values);
			return {
				run: async (tensors) => {
					const feeds: Record<string, Tensor> = {};
					for (const [name, port] of inputs)
						feeds[port.name] = fed(tensors[name], port.dtype);
					const made = await open.run(feeds);
					return {
						values: made.values,
						outputs: Object.fromEntries(
							program.outputs.map(({ name, dtype }) => [
								name,
								given(made.outputs[outputs.get(name)?.name ?? name], dtype),
							]),
						),
					};
				},
				close: open.close,
			};
		},
	};
}

/** Complex numbers are pairs where a result has no such. */
function fed(tensor: Tensor, dtype: DType): Tensor {
	return convertTensor(isComplex(dtype) ? tensor : asPairs(tensor), dtype);
}

function given(tensor: Tensor, dtype: DType): Tensor {
	return isComplex(tensor.dtype)
		? convertTensor(tensor, dtype)
		: ofPairs(tensor, dtype);
}

/** Another model, as the source is called. */
async function openProgram(program: Program, other: Source): Promise<Opened> {
	const [result] = other.programs;
	const inputs = matchPorts("input", program.inputs, result.inputs);
	const outputs = matchPorts("output", program.outputs, result.outputs);
	const session = await loadProgram(result, "auto", { workers: 0 });
	return {
		run: async (given) => {
			const feeds: Record<string, Tensors[string]> = {};
			for (const [name, port] of inputs)
				feeds[port.name] = convertTensor(given[name], port.dtype);
			const made = await session.run(feeds);
			return Object.fromEntries(
				program.outputs.map(({ name, dtype }) => [
					name,
					convertTensor(made[outputs.get(name)?.name ?? name], dtype),
				]),
			);
		},
		close: () => session.close(),
	};
}
