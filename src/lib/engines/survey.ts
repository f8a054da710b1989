import type { MetaGraphDef } from "../../gen/saved_model_pb.js";
import { asMlshipError } from "../errors.js";
import { buildProgram } from "../graph/build.js";
import type { Program } from "../graph/ir.js";
import { readVersion, type VersionFile } from "../repository/version.js";
import {
	findMetaGraph,
	type SavedModelFile,
	tagsOf,
} from "../savedmodel/read.js";
import {
	findSignature,
	listSignatures,
	type Signature,
} from "../savedmodel/signature.js";
import { bindVariables } from "../savedmodel/variables.js";
import type { Obstacle } from "./engine.js";
import { ENGINES, NO_FILES } from "./index.js";

/** Which engines can run a signature. */
export interface SignatureEngines {
	readonly signature: string;
	/** In order of preference. */
	readonly engines: readonly EngineAnswer[];
}

export interface EngineAnswer {
	readonly name: string;
	/** Empty where the engine runs the signature. */
	readonly obstacles: readonly Obstacle[];
}

export interface SurveyOptions {
	readonly tags?: readonly string[];
	/** Only this signature. */
	readonly signature?: string;
}

/**
 * Asks every engine about every signature of a version, without loading one. Fails as `readSavedModel`, and with NOT_FOUND
 * for a signature that is not there.
 */
export async function surveyEngines(
	dir: string,
	{ tags, signature }: SurveyOptions = {},
): Promise<readonly SignatureEngines[]> {
	const model = readVersion(dir);
	const metaGraph = findMetaGraph(model, tags);
	const signatures =
		signature === undefined
			? listSignatures(metaGraph)
			: [findSignature(metaGraph, signature)];
	const answers: SignatureEngines[] = [];
	for (const wanted of signatures)
		answers.push(await surveySignature(model, metaGraph, wanted));
	return answers;
}

async function surveySignature(
	model: VersionFile,
	metaGraph: MetaGraphDef,
	signature: Signature,
): Promise<SignatureEngines> {
	if (model.lite !== undefined) return surveyLite(signature);
	if (model.onnx !== undefined) return surveyFile(signature);
	const origin = { dir: model.dir, tags: tagsOf(metaGraph), signature };
	const program = programOf(model, metaGraph, signature);
	const engines: EngineAnswer[] = [];
	for (const [name, load] of Object.entries(ENGINES))
		engines.push({
			name,
			obstacles:
				"reason" in program
					? [program]
					: (await load()).obstacles(program, origin),
		});
	return { signature: signature.key, engines };
}

/** What ONNX Runtime says of an ONNX file it says when it is loaded. */
async function surveyFile({ key }: Signature): Promise<SignatureEngines> {
	const engines: EngineAnswer[] = [];
	for (const [name, load] of Object.entries(ENGINES)) {
		const runs = (await load()).prepareFile !== undefined;
		engines.push({ name, obstacles: runs ? [] : [{ reason: NO_FILES }] });
	}
	return { signature: key, engines };
}

/** Its own runtime is none of the engines. */
function surveyLite({ key }: Signature): SignatureEngines {
	const obstacles = [
		{ reason: "runs SavedModels and ONNX files, no files of TensorFlow Lite" },
	];
	const engines = Object.keys(ENGINES).map((name) => ({ name, obstacles }));
	return { signature: key, engines };
}

/** The program, or why there is none: a graph that cannot be read no engine runs. */
function programOf(
	model: SavedModelFile,
	metaGraph: MetaGraphDef,
	signature: Signature,
): Program | { readonly reason: string } {
	try {
		const variables = bindVariables(model, metaGraph);
		return buildProgram({ model, metaGraph, signature, variables });
	} catch (error) {
		return { reason: asMlshipError(error).message };
	}
}
