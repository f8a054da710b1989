import { fail } from "../../errors.js";
import type { Finding } from "../finding.js";
import { applyObjects, checkObjects } from "./apply.js";
import {
	type Deployed,
	type DeployOptions,
	type Ground,
	prune,
	rollOut,
	surveyed,
} from "./deploy.js";
import type { Cluster } from "./kubectl.js";
import { findLive, type LiveObject } from "./live.js";
import { type Canary, canaryOf, manifestsOf } from "./manifests.js";
import { nameOf } from "./object.js";
import { type Release, stamped, writeReleases } from "./releases.js";
import { watchRollout } from "./rollout.js";
import { type ServedModel, type Service, showModels } from "./service.js";

/** What is tried: a version of one model, from an image that may be another one. */
export interface Trial {
	readonly model: string;
	readonly version: string;
	readonly percent: number;
	/** What was asked for beside it; image, gateway and sizes are taken from it. */
	readonly wanted: Service;
	/** Whether an image was named, or that of the stable replicas is meant. */
	readonly hasImage: boolean;
}

/**
 * Starts replicas of another version, and gives them their part of the requests once they answer. What serves stays as it
 * is all the while. Fails with UNSUPPORTED where nothing in the cluster shares out requests by weight.
 */
export async function startCanary(
	cluster: Cluster,
	trial: Trial,
	options: DeployOptions,
): Promise<Deployed> {
	const { wanted } = trial;
	const ground = await surveyed(cluster, wanted, options);
	const stable = stableOf(ground, wanted);
	const service = trialService(stable.service, trial);
	const canary: Canary = { service, percent: trial.percent };
	const serving = { ...stable.service, access: service.access };
	const own = canaryOf(canary);
	const everything = manifestsOf(serving, canary);
	const route = everything.filter(({ kind }) => kind === "HTTPRoute");
	await checkObjects(cluster, [...own, ...route], {
		...options,
		hasNamespace: true,
	});
	const { say, force, timeout, signal } = options;
	const applied = await applyObjects(cluster, own, { force });
	const replicas = Math.max(
		1,
		Math.ceil((service.replicas * trial.percent) / 100),
	);
	const nodes = await watchRollout(cluster, service, {
		track: "canary",
		replicas,
		timeout,
		say,
		...(signal !== undefined && { signal }),
	});
	// not before they answer: a route to nobody is a 503 (kserve#5983)
	applied.push(...(await applyObjects(cluster, route, { force })));
	say(
		`${trial.percent} % of the requests go to ${trial.model}@${trial.version}`,
	);
	await checkRoute(cluster, service, options);
	const releases = [
		{ ...stable, service: serving, canary },
		...ground.releases.slice(1),
	];
	await writeReleases(cluster, serving, releases);
	const names = stamped(everything, stable.id).map(nameOf);
	const deleted = await prune(cluster, ground.state, names, releases);
	const { context } = cluster;
	const { id: release } = stable;
	return { context, service, release, canary, applied, deleted, nodes };
}

/** Makes what is tried the stable version: its replicas replace the others one by one, then the route forgets the canary. */
export async function promoteCanary(
	cluster: Cluster,
	wanted: Service,
	options: DeployOptions,
): Promise<Deployed> {
	const ground = await surveyed(cluster, wanted, options);
	const stable = stableOf(ground, wanted);
	const { canary } = stable;
	if (canary === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot promote: no canary of ${wanted.name} is tried`,
			{
				hint: "start one by --canary MODEL@VERSION=PERCENT",
			},
		);
	const { image, models, size, runtime, weights } = canary.service;
	const service = { ...stable.service, image, models, size, runtime, weights };
	const release: Release = {
		id: ground.nextId,
		time: new Date().toISOString(),
		service,
	};
	const releases = [release, ...ground.releases];
	// requests are shared out as before until every replica is of the new version
	const place = { ...ground, service };
	const rolled = await rollOut(cluster, place, options, releases, canary);
	const ended = await endCanary(cluster, place, options, releases);
	return {
		...rolled,
		applied: [...rolled.applied, ...ended.applied],
		deleted: [...rolled.deleted, ...ended.deleted],
	};
}

/** Ends a canary: all requests go to the stable replicas first, then what was tried is deleted. */
export async function endCanary(
	cluster: Cluster,
	{ state, service }: Pick<Ground, "state" | "service">,
	{ force, say }: DeployOptions,
	releases: readonly Release[],
): Promise<Deployed> {
	const kept = releases.map(({ canary: _, ...release }) => release);
	const objects = manifestsOf(service);
	const route = objects.filter(({ kind }) => kind === "HTTPRoute");
	const applied = await applyObjects(cluster, route, { force });
	say(`all requests go to ${showModels(service.models)}`);
	await writeReleases(cluster, service, kept);
	const deleted = await prune(cluster, state, objects.map(nameOf), kept);
	const { context } = cluster;
	return {
		context,
		service,
		release: kept[0].id,
		applied,
		deleted,
		nodes: [],
	};
}

/** The release that serves; fails with NOT_FOUND where mlship has applied none. */
export function stableOf(
	{ releases }: Ground,
	{ name, namespace }: Service,
): Release {
	const [latest] = releases;
	if (latest === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot find a release of ${name} in namespace ${namespace}: mlship has applied none there`,
			{ hint: "apply one by mlship deploy k8s --apply" },
		);
	return latest;
}

/** The stable service with the other version. Fails with INVALID where that is what all requests get already. */
export function trialService(stable: Service, trial: Trial): Service {
	const { model, version, percent, wanted, hasImage } = trial;
	const served = stable.models.find(({ name }) => name === model);
	if (served === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot try ${model}@${version}: ${stable.name} serves ${showModels(stable.models)}`,
		);
	if (percent >= 100)
		throw fail("INVALID", "cannot give a canary all requests", {
			hint: "try it on some, then --promote it",
		});
	const image = hasImage ? wanted.image : stable.image;
	const isSame = served.versions.at(-1) === version;
	if (isSame && image === stable.image)
		throw fail(
			"INVALID",
			`cannot try ${model}@${version}: all requests get it already`,
		);
	const isBaked =
		stable.weights.kind === "image" && wanted.weights.kind === "image";
	if (isBaked && image === stable.image && !served.versions.includes(version))
		throw fail(
			"INVALID",
			`cannot try ${model}@${version}: the image ${image} was made with ${showModels([served])} in it`,
			{
				hint: "build one with that version by mlship deploy docker, and name it by --image",
			},
		);
	const gateway = wanted.access.gateway ?? stable.access.gateway;
	if (gateway === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot give ${model}@${version} ${percent} % of the requests: no route shares them out by weight`,
			{
				hint: "name a gateway by --gateway, or split within the server: mlship version split",
			},
		);
	const models = stable.models.map(
		(one): ServedModel =>
			one.name === model ? { ...one, versions: [version], labels: {} } : one,
	);
	const { size, weights } = wanted;
	const access = { ...stable.access, gateway };
	return { ...stable, image, models, size, weights, access };
}

interface LiveRoute extends LiveObject {
	readonly status?: {
		readonly parents?: readonly {
			readonly conditions?: readonly {
				readonly type: string;
				readonly status: string;
				readonly message?: string;
			}[];
		}[];
	};
}

/** Weights that nobody heeds are never passed over in silence (kserve#5335). */
async function checkRoute(
	cluster: Cluster,
	{ name, namespace, access }: Service,
	{ note }: DeployOptions,
): Promise<void> {
	const route = await findLive<LiveRoute>(
		cluster,
		"httproute",
		name,
		namespace,
	);
	const parents = route?.status?.parents ?? [];
	const gateway = `${access.gateway?.namespace}/${access.gateway?.name}`;
	const refused = parents
		.flatMap(({ conditions = [] }) => conditions)
		.find(({ type, status }) => type === "Accepted" && status === "False");
	if (refused !== undefined)
		throw fail(
			"NOT_READY",
			`cannot share out requests: gateway ${gateway} does not accept the route: ${refused.message ?? "it gives no reason"}`,
			{
				hint: "the weights are applied and have no effect; --rollback ends the canary",
			},
		);
	if (parents.length > 0) return;
	const finding: Finding = {
		check: "gateway",
		status: "warning",
		text: `no controller has answered for gateway ${gateway} yet: until one does, the weights have no effect`,
		hint: `kubectl describe httproute ${name} --namespace ${namespace}`,
	};
	note(finding);
}
