import type { Daemon } from "../../../lib/deploy/docker/daemon.js";
import { startTrial } from "../../../lib/deploy/docker/trial.js";
import type { DeployedModel } from "../../../lib/deploy/models.js";
import { fail } from "../../../lib/errors.js";
import { readVersion } from "../../../lib/repository/version.js";
import {
	type ExampleRequest,
	exampleRequest,
} from "../../../lib/savedmodel/example.js";
import { findMetaGraph } from "../../../lib/savedmodel/read.js";
import {
	DEFAULT_SIGNATURE,
	listSignatures,
} from "../../../lib/savedmodel/signature.js";
import type { CommandContext } from "../../context.js";
import type { TriedImage } from "../../ui/docker.js";
import type { ImagePlan } from "./plan.js";

/**
 * Starts the image and asks its first model once, with an input made of the signature. Fails with NOT_READY where the server
 * cannot answer, and leaves nothing running then; a made-up input that the model refuses is an answer.
 */
export async function tryImage(
	daemon: Daemon,
	{ tags, runtime, models }: ImagePlan,
	{ signal }: CommandContext,
): Promise<TriedImage> {
	const trial = await startTrial(daemon, {
		image: tags[0],
		runtime,
		models: models.map(({ name }) => name),
		signal,
	});
	try {
		const request = exampleOf(models[0]);
		const url = `${trial.rest}/v1/models/${encodeURIComponent(models[0].name)}:predict`;
		return {
			container: trial.name,
			rest: trial.rest,
			grpc: trial.grpc,
			readyMs: Math.round(trial.readyAfter),
			example: request && (await ask(url, request.body, signal)),
		};
	} catch (error) {
		await trial.remove();
		throw error;
	}
}

function exampleOf({ versions }: DeployedModel): ExampleRequest | undefined {
	const { dir } = versions[versions.length - 1];
	const signatures = listSignatures(findMetaGraph(readVersion(dir), undefined));
	const signature =
		signatures.find(({ key }) => key === DEFAULT_SIGNATURE) ?? signatures[0];
	try {
		return exampleRequest(signature);
	} catch {
		return undefined;
	}
}

async function ask(url: string, body: string, signal: AbortSignal) {
	const response = await fetch(url, { method: "POST", body, signal });
	const answer = await response.text();
	if (response.status >= 500)
		throw fail(
			"NOT_READY",
			`cannot predict in the container: it answered ${response.status}: ${answer.slice(0, 500)}`,
		);
	return { url, body, status: response.status, answer };
}
