import { join } from "node:path";
import type { Origin } from "../engines/engine.js";
import { frozenProgram } from "../engines/state/frozen.js";
import { fail, type MlshipError } from "../errors.js";
import { isFile, statPath } from "../formats/file.js";
import { buildProgram } from "../graph/build.js";
import type { Program } from "../graph/ir.js";
import type { NodePorts } from "../graph/node-ports.js";
import { weightBytes } from "../graph/weights.js";
import { isLiteName } from "../lite/file.js";
import { readVersion } from "../repository/version.js";
import { findMetaGraph, tagsOf } from "../savedmodel/read.js";
import {
	DEFAULT_SIGNATURE,
	findSignature,
	listSignatures,
	type Signature,
} from "../savedmodel/signature.js";
import { bindVariables } from "../savedmodel/variables.js";
import { openModelFile } from "./sources/model-file.js";

/** A model that can be converted, weights unread. Has a lifetime: until `close`. */
export interface Source {
	/** As the user named it, or where it lies. */
	readonly path: string;
	/** Graph and weights that the chosen signatures use. */
	readonly byteLength: number;
	readonly programs: readonly Program[];
	/** The signature of the SavedModel that each program was made of. */
	readonly origins: readonly Origin[];
	/** Takes away what was made to read it. */
	close(): void;
}

export interface SourceOptions extends NodePorts {
	readonly tags?: readonly string[] | undefined;
	/** A signature's key, or all of them; without it the default one, or the only one. */
	readonly signature?: string | undefined;
	readonly allSignatures?: boolean | undefined;
}

/** Reads what is to be converted, whatever form it has. Fails as `openModelFile` and `readSource` do. */
export async function openSource(
	path: string,
	options: SourceOptions = {},
): Promise<Source> {
	const { inputs, outputs, ...rest } = options;
	const file = await openModelFile(path, { inputs, outputs });
	if (file === undefined) return readSource(path, options);
	try {
		const source = readSource(file.dir, rest);
		return { ...source, path, close: () => file.close() };
	} catch (error) {
		file.close();
		throw error;
	}
}

/**
 * Reads the signatures of a SavedModel that are to be converted. Fails as `readVersion` and `buildProgram` do, with NOT_FOUND for
 * a signature that is not there, and with UNSUPPORTED for an ONNX file, which has no operations of TensorFlow, and for
 * signatures that set variables.
 */
export function readSource(dir: string, options: SourceOptions = {}): Source {
	if (options.inputs ?? options.outputs)
		throw fail(
			"INVALID",
			`cannot choose inputs and outputs of ${dir}: a SavedModel has signatures`,
			{ hint: "choose one of them with --signature" },
		);
	if (isLiteName(dir) && isFile(dir))
		throw result(dir, "a file of TensorFlow Lite");
	const model = readVersion(dir);
	if (model.onnx !== undefined) throw result(model.onnx.path, "an ONNX file");
	const metaGraph = findMetaGraph(model, options.tags);
	const variables = bindVariables(model, metaGraph);
	const signatures = chosen(listSignatures(metaGraph), options, (key) =>
		findSignature(metaGraph, key),
	);
	const programs = signatures.map((signature) =>
		constantProgram(buildProgram({ model, metaGraph, signature, variables })),
	);
	const tags = tagsOf(metaGraph);
	return {
		path: dir,
		byteLength: sizeOf(join(model.dir, model.file), programs),
		programs,
		origins: signatures.map((signature) => ({ dir, tags, signature })),
		close: () => undefined,
	};
}

/** What was converted already has no operations of TensorFlow. */
function result(path: string, form: string): MlshipError {
	return fail(
		"UNSUPPORTED",
		`cannot convert ${path}: it is ${form}, which is what others are converted to`,
		{
			at: { file: path },
			hint: "convert the model that it was made of: a SavedModel, a Keras file or a model of TensorFlow.js",
		},
	);
}

/** A graph that is larger than its weights has them in it. */
function sizeOf(file: string, programs: readonly Program[]): number {
	const graph = statPath(file)?.size ?? 0;
	const weights = programs.reduce((sum, one) => sum + weightBytes(one), 0);
	return graph > weights ? graph : graph + weights;
}

function chosen(
	all: readonly Signature[],
	{ signature, allSignatures = false }: SourceOptions,
	find: (key: string) => Signature,
): readonly Signature[] {
	if (allSignatures && all.length > 0) return all;
	if (signature === undefined && all.length === 1) return all;
	return [find(signature ?? DEFAULT_SIGNATURE)];
}

/** A converted model keeps nothing between its runs: variables are constants. */
export function constantProgram(program: Program): Program {
	if (program.state.length === 0) return program;
	const frozen = frozenProgram(program);
	if (frozen !== undefined) return frozen;
	const set = program.outputs.find(({ name }) =>
		program.state.some((variable) => variable.name === name),
	);
	throw fail(
		"UNSUPPORTED",
		`cannot convert signature "${program.signature}": ${
			set === undefined
				? `the checkpoint has no value of "${program.state.find(({ initial }) => initial === undefined)?.name}"`
				: `it sets variable "${set.name}", and a converted model keeps nothing between its runs`
		}`,
		{
			at: { signature: program.signature },
			hint: "choose another one with --signature",
		},
	);
}
