import { join } from "node:path";
import { frozenProgram } from "../engines/state/frozen.js";
import { fail } from "../errors.js";
import { statPath } from "../formats/file.js";
import { buildProgram } from "../graph/build.js";
import type { Program } from "../graph/ir.js";
import { weightBytes } from "../graph/weights.js";
import { readVersion, type VersionFile } from "../repository/version.js";
import { findMetaGraph } from "../savedmodel/read.js";
import {
	DEFAULT_SIGNATURE,
	findSignature,
	listSignatures,
	type Signature,
} from "../savedmodel/signature.js";
import { bindVariables } from "../savedmodel/variables.js";
import {
	type FrozenGraphOptions,
	isFrozenGraph,
	readFrozenGraph,
} from "./sources/frozen-graph.js";

/** A model that can be converted, weights unread. */
export interface Source {
	/** As the user named it, or where it lies. */
	readonly path: string;
	/** Graph and weights that the chosen signatures use. */
	readonly byteLength: number;
	readonly programs: readonly Program[];
}

export interface SourceOptions extends FrozenGraphOptions {
	readonly tags?: readonly string[] | undefined;
	/** A signature's key, or all of them; without it the default one, or the only one. */
	readonly signature?: string | undefined;
	readonly allSignatures?: boolean | undefined;
}

/**
 * Reads the signatures that are to be converted. Fails as `readVersion` and `buildProgram` do, with NOT_FOUND for a signature
 * that is not there, and with UNSUPPORTED for an ONNX file, which has no operations of TensorFlow, and for signatures that
 * set variables.
 */
export function readSource(dir: string, options: SourceOptions = {}): Source {
	const model = modelAt(dir, options);
	if (model.onnx !== undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot convert ${model.onnx.path}: it is an ONNX file, and SavedModels are converted`,
			{ hint: "mlship inspect, predict and serve take it as it is" },
		);
	const metaGraph = findMetaGraph(model, options.tags);
	const variables = isFrozenGraph(dir)
		? new Map()
		: bindVariables(model, metaGraph);
	const programs = chosen(listSignatures(metaGraph), options, (key) =>
		findSignature(metaGraph, key),
	).map((signature) =>
		constantProgram(buildProgram({ model, metaGraph, signature, variables })),
	);
	const graph = statPath(join(model.dir, model.file))?.size ?? 0;
	const weights = programs.reduce((sum, one) => sum + weightBytes(one), 0);
	return {
		path: dir,
		// a frozen graph has its weights in it
		byteLength: isFrozenGraph(dir) ? graph : graph + weights,
		programs,
	};
}

/** Names of inputs and outputs are for a graph that has no signatures. */
function modelAt(dir: string, options: FrozenGraphOptions): VersionFile {
	if (isFrozenGraph(dir)) return readFrozenGraph(dir, options);
	if (options.inputs ?? options.outputs)
		throw fail(
			"INVALID",
			`cannot choose inputs and outputs of ${dir}: a SavedModel has signatures`,
			{ hint: "choose one of them with --signature" },
		);
	return readVersion(dir);
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
