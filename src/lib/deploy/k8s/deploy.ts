import { fail } from "../../errors.js";
import { type Finding, refusalOf } from "../finding.js";
import { type ClusterState, inspectCluster } from "../preflight/cluster.js";
import { findAddress } from "./address.js";
import {
	applyObjects,
	checkObjects,
	deleteObjects,
	leftovers,
} from "./apply.js";
import { handReplicasOver, startReplicas } from "./handover.js";
import type { Cluster } from "./kubectl.js";
import { ownedSelector } from "./labels.js";
import { type Canary, manifestsOf } from "./manifests.js";
import { type KubeObject, nameOf } from "./object.js";
import { configOf } from "./objects/config.js";
import {
	RELEASE,
	type Release,
	readReleases,
	releasesName,
	stamped,
	writeReleases,
} from "./releases.js";
import { watchRollout } from "./rollout.js";
import { type Service, showModels } from "./service.js";

export interface DeployOptions {
	/** Worker nodes that were asked for. */
	readonly nodes?: number | undefined;
	/** Warnings of the cluster are errors. */
	readonly strict?: boolean | undefined;
	readonly force?: boolean | undefined;
	/** Milliseconds for a rollout. */
	readonly timeout?: number | undefined;
	readonly signal?: AbortSignal;
	/** Told what goes on, a line at a time. */
	readonly say: (line: string) => void;
	/** What was found and is no error. */
	readonly note: (finding: Finding) => void;
}

/** What was done in one cluster. */
export interface Deployed {
	readonly context: string | undefined;
	readonly service: Service;
	readonly release: number;
	readonly canary?: Canary;
	/** `deployment/digits` and so on. */
	readonly applied: readonly string[];
	readonly deleted: readonly string[];
	/** Where the replicas are, a name each. */
	readonly nodes: readonly string[];
	/** Host name or address of the load balancer. */
	readonly address?: string;
}

/** What a cluster is like, and which releases it has had. */
export interface Ground {
	readonly state: ClusterState;
	/** As it is to be there: a namespace of others is left as it is. */
	readonly service: Service;
	/** The latest first. */
	readonly releases: readonly Release[];
	/** Above all that there were, failed ones included. */
	readonly nextId: number;
}

/**
 * Applies a service to a cluster and waits until its models answer. Fails before anything is applied where something is in
 * the way or a canary is under way; else with what was applied, and the first cause for which the replicas do not come.
 */
export async function deployService(
	cluster: Cluster,
	wanted: Service,
	options: DeployOptions,
): Promise<Deployed> {
	const ground = await surveyed(cluster, wanted, options);
	const canary = ground.releases[0]?.canary;
	if (canary !== undefined)
		throw fail(
			"MISMATCH",
			`cannot apply ${wanted.name}: ${canary.percent} % of its requests try ${showModels(canary.service.models)}`,
			{ hint: "end that first, by --promote or by --rollback" },
		);
	const { service, releases, nextId } = ground;
	return rollOut(cluster, ground, options, [
		{ id: nextId, time: new Date().toISOString(), service },
		...releases,
	]);
}

/** Looks at a cluster, and refuses to go on where something is in the way. */
export async function surveyed(
	cluster: Cluster,
	wanted: Service,
	{ nodes, strict, note }: DeployOptions,
): Promise<Ground> {
	const state = await inspectCluster(cluster, wanted, nodes);
	const where = cluster.context === undefined ? "" : ` in ${cluster.context}`;
	const refusal = refusalOf(
		state.findings,
		`apply ${wanted.name}${where}`,
		strict,
	);
	if (refusal !== undefined) throw refusal;
	for (const finding of state.findings)
		if (finding.status === "warning") note(finding);
	const service = {
		...wanted,
		ownsNamespace: wanted.ownsNamespace && state.namespace !== "others",
	};
	const releases =
		state.namespace === "absent" ? [] : await readReleases(cluster, service);
	const stamp = Number(state.deployment?.metadata.annotations?.[RELEASE] ?? 0);
	const last = Math.max(releases[0]?.id ?? 0, stamp || 0);
	return { state, service, releases, nextId: last + 1 };
}

/** Brings the first of these releases to the cluster, and keeps all of them there when it answers. */
export async function rollOut(
	cluster: Cluster,
	{ state, service }: Pick<Ground, "state" | "service">,
	options: DeployOptions,
	releases: readonly Release[],
	canary?: Canary,
): Promise<Deployed> {
	const { say, force, timeout, signal } = options;
	const [{ id }] = releases;
	const objects = stamped(manifestsOf(service, canary), id);
	const hasNamespace = state.namespace !== "absent";
	for (const text of await checkObjects(cluster, objects, {
		force,
		hasNamespace,
	}))
		options.note({ check: "manifests", status: "warning", text });
	const scaled = scaledIn(objects, state, service);
	if (scaled !== undefined) await handReplicasOver(cluster, scaled);
	const applied = await applyObjects(cluster, objects, { force });
	if (scaled !== undefined) await startReplicas(cluster, scaled);
	say(`applied ${applied.length} objects in ${service.namespace}`);
	const nodes = await watchRollout(cluster, service, {
		track: "stable",
		replicas: service.replicas,
		timeout,
		say,
		...(signal !== undefined && { signal }),
	});
	// a canary is the latest release's alone
	const kept = releases.map(({ canary: _, ...release }, i) =>
		i === 0 && canary !== undefined ? { ...release, canary } : release,
	);
	await writeReleases(cluster, service, kept);
	const deleted = await prune(cluster, state, objects.map(nameOf), kept);
	const address = service.access.loadBalancer
		? await findAddress(cluster, service)
		: undefined;
	return {
		context: cluster.context,
		service,
		release: id,
		applied,
		deleted,
		nodes,
		...(address !== undefined && { address }),
	};
}

function scaledIn(
	objects: readonly KubeObject[],
	{ deployment: live }: ClusterState,
	{ name, replicas: least }: Service,
) {
	const object = objects.find(
		({ kind, metadata }) => kind === "Deployment" && metadata.name === name,
	);
	const isScaled = objects.some(
		({ kind }) => kind === "HorizontalPodAutoscaler",
	);
	return isScaled && object !== undefined ? { object, live, least } : undefined;
}

const KINDS = [
	"configmaps",
	"services",
	"deployments.apps",
	"horizontalpodautoscalers.autoscaling",
	"poddisruptionbudgets.policy",
	"networkpolicies.networking.k8s.io",
];

/**
 * Deletes what no release needs any more: an autoscaler or a route that is no longer asked for, a canary that ended. Older
 * configurations stay as long as their release may come back.
 */
export async function prune(
	cluster: Cluster,
	{ hasRoutes }: ClusterState,
	names: readonly string[],
	releases: readonly Release[],
): Promise<string[]> {
	const [{ service }] = releases;
	const { name, namespace } = service;
	const kept = new Set([
		...names,
		`configmap/${releasesName(name)}`,
		...releases.map((release) => nameOf(configOf(release.service, "stable"))),
	]);
	const kinds = hasRoutes
		? [...KINDS, "httproutes.gateway.networking.k8s.io"]
		: KINDS;
	const left = await leftovers(
		cluster,
		{ namespace, selector: ownedSelector(name), kinds },
		kept,
	);
	await deleteObjects(cluster, namespace, left);
	return left;
}
