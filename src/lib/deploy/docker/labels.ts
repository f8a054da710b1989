import { readVersion } from "../../repository/version.js";
import { findMetaGraph } from "../../savedmodel/read.js";
import {
	listSignatures,
	type SignaturePort,
} from "../../savedmodel/signature.js";
import { parseImage } from "../image-reference.js";
import type { DeployedModel } from "../models.js";

/** What an image says of itself: keys of the OCI image specification, and ours with JSON by model. */
export function imageLabels(
	models: readonly DeployedModel[],
	{
		version,
		base,
		runtime,
	}: { version: string; base: string; runtime: string },
): Map<string, string> {
	const names = models.map(({ name }) => name);
	const { digest } = parseImage(base);
	return new Map([
		["org.opencontainers.image.title", names.join(", ")],
		[
			"org.opencontainers.image.description",
			`${names.join(", ")}, served over REST and gRPC`,
		],
		[
			"org.opencontainers.image.version",
			models.map(({ versions }) => String(versions.at(-1)?.version)).join(", "),
		],
		["org.opencontainers.image.base.name", base.replace(/@.*/, "")],
		...(digest === undefined
			? []
			: ([["org.opencontainers.image.base.digest", digest]] as const)),
		["dev.mlship.version", version],
		["dev.mlship.runtime", runtime],
		["dev.mlship.model", names.join(",")],
		["dev.mlship.versions", byModel(models, versionNumbers)],
		["dev.mlship.signature", byModel(models, signaturesOf)],
		["dev.mlship.weights-digest", byModel(models, digestsOf)],
	]);
}

function byModel(
	models: readonly DeployedModel[],
	describe: (model: DeployedModel) => unknown,
): string {
	return JSON.stringify(
		Object.fromEntries(models.map((model) => [model.name, describe(model)])),
	);
}

function versionNumbers({ versions }: DeployedModel): string[] {
	return versions.map(({ version }) => String(version));
}

function digestsOf({ versions }: DeployedModel): Record<string, string> {
	return Object.fromEntries(
		versions.map(({ version, digest }) => [String(version), digest]),
	);
}

/** Those of the latest version. */
function signaturesOf({ versions }: DeployedModel): Record<string, unknown> {
	const latest = versions[versions.length - 1];
	const metaGraph = findMetaGraph(readVersion(latest.dir), undefined);
	return Object.fromEntries(
		listSignatures(metaGraph)
			.slice(0, MAX_SIGNATURES)
			.map(({ key, inputs, outputs }) => [
				key,
				{ inputs: portsOf(inputs), outputs: portsOf(outputs) },
			]),
	);
}

/** Registries refuse configurations of a few megabytes. */
const MAX_SIGNATURES = 20;

function portsOf(ports: readonly SignaturePort[]): Record<string, unknown> {
	return Object.fromEntries(
		ports.map(({ name, dtype, shape }) => [name, { dtype, shape }]),
	);
}
