import { readdirSync } from "node:fs";
import { join } from "node:path";
import { asMlshipError, fail } from "../../errors.js";
import { statPath } from "../../formats/file.js";
import { onnxFileAt } from "../../onnx/file.js";
import type { ModelEntry, VersionEntry } from "../../repository/list.js";
import { isComplete } from "../../repository/ready.js";
import { readRelease } from "../../repository/release.js";
import { defaultTag } from "../docker/reference.js";
import { HUB, parseImage, registryOf } from "../image-reference.js";
import { checkName, suggestedName } from "../names.js";
import { chosenVersions } from "../versions.js";
import {
	readCounts,
	readCpus,
	readEnv,
	readGateway,
	readMemory,
	readSources,
	readWeights,
	type ServiceRequest,
} from "./request.js";
import type { ModelSize, ServedModel, Service } from "./service.js";

export interface Planned {
	readonly service: Service;
	/** Worker nodes that were asked for. */
	readonly nodes: number | undefined;
	/** What a user should know before it is applied. */
	readonly notes: readonly string[];
}

/**
 * The service that models and options mean; no cluster is asked. Fails with INVALID for what Kubernetes would refuse, a name
 * that would do being told, and with NOT_READY where a version is not wholly there.
 */
export async function planService(
	entries: readonly ModelEntry[],
	request: ServiceRequest,
): Promise<Planned> {
	const name = nameOfService(entries, request);
	const namespace = checkName("namespace", request.namespace ?? name);
	const { nodes, replicas, maxReplicas } = readCounts(request);
	const chosen = await chosenVersions(entries, request.versions);
	const models: ServedModel[] = [];
	for (const entry of chosen) models.push(await modelOf(entry, request));
	const image = request.image ?? defaultImage(entries);
	const memory = readMemory(request.memory);
	const gateway = readGateway(request, namespace);
	const service: Service = {
		name,
		namespace,
		ownsNamespace: !BUILT_IN.test(namespace),
		image,
		runtime: request.runtime ?? "mlship",
		models,
		weights: readWeights(request.weights),
		size: sizeOf(chosen.flatMap((entry) => entry.versions)),
		replicas,
		maxReplicas,
		isStrict: request.strict ?? false,
		cpus: readCpus(request.cpu),
		...(memory !== undefined && { memory }),
		env: readEnv(request.env),
		...(request.pullSecret !== undefined && {
			pullSecret: checkName("object", request.pullSecret),
		}),
		...(request.tokenSecret !== undefined && {
			tokenSecret: tokensOf(request, request.tokenSecret),
		}),
		access: {
			loadBalancer: request.loadBalancer ?? false,
			sources: readSources(request.source),
			namespaces: (request.allowNamespace ?? []).map((one) =>
				checkName("namespace", one),
			),
			...(gateway !== undefined && { gateway }),
		},
	};
	return { service, nodes, notes: notesOn(service) };
}

function tokensOf({ runtime }: ServiceRequest, secret: string): string {
	if (runtime === "tfs")
		throw fail(
			"UNSUPPORTED",
			"cannot use --token-secret with --runtime tfs: TensorFlow Serving lets in everybody",
		);
	return checkName("object", secret);
}

/** Namespaces that a cluster begins with, where others' pods may be. */
const BUILT_IN = /^(default|kube-.*)$/;

function nameOfService(
	entries: readonly ModelEntry[],
	{ name }: ServiceRequest,
): string {
	if (name !== undefined) return checkName("service", name);
	return suggestedName(
		"service",
		entries.length === 1 ? entries[0].name : "models",
	);
}

/** As `deploy docker` calls it. */
function defaultImage(entries: readonly ModelEntry[]): string {
	return defaultTag(entries);
}

async function modelOf(
	{ name, dir, versions }: ModelEntry,
	{ runtime }: ServiceRequest,
): Promise<ServedModel> {
	checkName("model", name);
	for (const version of versions) checkComplete(name, version);
	const served = versions.map(({ version }) => String(version));
	// mlship serve reads mlship.json itself
	if (runtime !== "tfs") return { name, versions: served, labels: {} };
	const onnx = versions.find((one) => onnxFileAt(one.dir) !== undefined);
	if (onnx !== undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot serve version ${onnx.version} of ${name} with TensorFlow Serving: it is an ONNX file`,
			{ hint: "leave out --runtime tfs", at: { model: name } },
		);
	const { labels, split } = await readRelease(dir);
	if (split !== undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot split the requests for ${name} as its mlship.json says: TensorFlow Serving gives all of them to the latest version`,
			{ hint: "leave out --runtime tfs, or share requests out by --canary" },
		);
	const known = [...labels].filter(
		([label, version]) =>
			/^[\w.-]{1,63}$/.test(label) && served.includes(String(version)),
	);
	return {
		name,
		versions: served,
		labels: Object.fromEntries(
			known.map(([label, version]) => [label, String(version)]),
		),
	};
}

function checkComplete(model: string, { version, dir }: VersionEntry): void {
	const state = isComplete(dir);
	if (!state.complete)
		throw fail(
			"NOT_READY",
			`cannot deploy version ${version} of ${model}: ${state.reason}`,
			{ at: { model, version: String(version) } },
		);
}

function sizeOf(versions: readonly VersionEntry[]): ModelSize {
	const sizes = versions.map(({ dir }) => bytesBelow(dir));
	return {
		bytes: sizes.reduce((sum, size) => sum + size, 0),
		largest: Math.max(0, ...sizes),
	};
}

function bytesBelow(path: string): number {
	const stat = statPath(path);
	if (stat === undefined || stat.isFile()) return stat?.size ?? 0;
	try {
		return readdirSync(path, { recursive: true, encoding: "utf8" })
			.map((name) => statPath(join(path, name)))
			.reduce((sum, one) => sum + (one?.isFile() ? one.size : 0), 0);
	} catch (error) {
		throw asMlshipError(error);
	}
}

function notesOn({
	image,
	weights,
	access,
	runtime,
	tokenSecret,
}: Service): string[] {
	const { repository, digest } = parseImage(image);
	const notes: string[] = [];
	if (digest === undefined)
		notes.push(
			registryOf(repository) === HUB && !repository.includes("/")
				? `nodes look for ${image} at Docker Hub: push it to a registry (mlship deploy docker --push) and name it by --image REGISTRY/${repository}@sha256:…`
				: `${image} is a tag, which may mean another image tomorrow: name it by digest`,
		);
	if (
		weights.kind === "volume" &&
		parseImage(weights.image).digest === undefined
	)
		notes.push(`${weights.image} is a tag: name the models' image by digest`);
	const isOpen = access.sources.length === 0 && tokenSecret === undefined;
	if (access.loadBalancer && isOpen)
		notes.push(
			"a load balancer is open to everybody: --source NETWORK says to whom alone, --token-secret NAME lets in bearers of tokens",
		);
	if (runtime === "tfs")
		notes.push(
			"TensorFlow Serving ignores SIGTERM: a pod that goes has 30 seconds to finish, whether it needs them or not",
		);
	return notes;
}

/** A service of which only the name is known: what is in the cluster says the rest. */
export function namedService(name: string, namespace?: string): Service {
	checkName("service", name);
	return {
		name,
		namespace: checkName("namespace", namespace ?? name),
		ownsNamespace: false,
		image: name,
		runtime: "mlship",
		models: [],
		weights: { kind: "image" },
		size: { bytes: 0, largest: 0 },
		replicas: 1,
		maxReplicas: 1,
		isStrict: false,
		cpus: 0,
		env: {},
		access: { loadBalancer: false, sources: [], namespaces: [] },
	};
}
