import { asMlshipError } from "../errors.js";
import { readVersion } from "../repository/version.js";
import { findMetaGraph } from "../savedmodel/read.js";
import { findSignature, listSignatures } from "../savedmodel/signature.js";
import { type ConvertObstacle, obstaclesOf } from "./report.js";
import { readSource, type Source } from "./source.js";
import { TARGETS } from "./targets.js";

/** Which targets have a form of a signature. */
export interface SignatureTargets {
	readonly signature: string;
	readonly targets: readonly TargetAnswer[];
}

export interface TargetAnswer {
	readonly name: string;
	/** Empty where the target has a form of all. */
	readonly obstacles: readonly (
		| ConvertObstacle
		| { readonly reason: string }
	)[];
}

export interface SurveyOptions {
	readonly tags?: readonly string[] | undefined;
	/** Only this signature. */
	readonly signature?: string | undefined;
}

/** Asks every target about every signature of a version; nothing is written, and no weight read. Fails as `readVersion`. */
export async function surveyTargets(
	dir: string,
	{ tags, signature }: SurveyOptions = {},
): Promise<readonly SignatureTargets[]> {
	const metaGraph = findMetaGraph(readVersion(dir), tags);
	const keys =
		signature === undefined
			? listSignatures(metaGraph).map(({ key }) => key)
			: [findSignature(metaGraph, signature).key];
	const answers: SignatureTargets[] = [];
	for (const key of keys) {
		const source = sourceOf(dir, key, tags);
		const targets: TargetAnswer[] = [];
		for (const name of Object.keys(TARGETS))
			targets.push({ name, obstacles: await obstaclesIn(name, source) });
		answers.push({ signature: key, targets });
	}
	return answers;
}

type Refused = { readonly reason: string };

/** The signature, or why none can be converted. */
function sourceOf(
	dir: string,
	signature: string,
	tags: readonly string[] | undefined,
): Source | Refused {
	try {
		return readSource(dir, { signature, tags });
	} catch (error) {
		return { reason: asMlshipError(error).message };
	}
}

async function obstaclesIn(
	name: string,
	source: Source | Refused,
): Promise<TargetAnswer["obstacles"]> {
	if ("reason" in source) return [source];
	const { programs } = source;
	try {
		const { obstacles } = (await TARGETS[name]()).lower(programs, {});
		return obstaclesOf(programs[0], obstacles);
	} catch (error) {
		return [{ reason: asMlshipError(error).message }];
	}
}
