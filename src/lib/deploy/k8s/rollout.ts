import { setTimeout as sleep } from "node:timers/promises";
import { fail, type MlshipError } from "../../errors.js";
import { type Cause, causeOf } from "./causes.js";
import type { Cluster } from "./kubectl.js";
import { selectorOf } from "./labels.js";
import {
	type LiveDeployment,
	type LiveObject,
	type LivePod,
	type LiveReplicaSet,
	listLive,
	parsed,
} from "./live.js";
import { type Service, type Track, trackName } from "./service.js";
import { startSeconds } from "./size.js";

export interface RolloutOptions {
	readonly track: Track;
	/** Replicas that have to answer. */
	readonly replicas: number;
	/** Milliseconds from now; by the models' bytes if nothing is said. */
	readonly timeout?: number | undefined;
	readonly say: (line: string) => void;
	readonly signal?: AbortSignal;
}

/** How a rollout stands. */
interface Standing {
	readonly isDone: boolean;
	readonly available: number;
	readonly updated: number;
	readonly wanted: number;
	/** The cluster's own deadline has passed. */
	readonly isLate: boolean;
	readonly cause: Cause | undefined;
	readonly pods: readonly LivePod[];
}

/** Seconds for which something that may pass by itself, as a quota that others use, is borne. */
const PATIENCE_MS = 10_000;
const POLL_MS = 1_000;

/**
 * Waits until all replicas are of the newest kind and answer; returns the names of the nodes that they are on. Fails with
 * the first thing that is wrong as soon as waiting does not help, and with TIMEOUT after that; what served before serves on.
 */
export async function watchRollout(
	cluster: Cluster,
	service: Service,
	options: RolloutOptions,
): Promise<readonly string[]> {
	const { track, say, signal } = options;
	const name = trackName(service, track);
	const usual = (120 + startSeconds(service.size)) * 1000;
	const end = Date.now() + (options.timeout ?? usual);
	let told = "";
	let troubledSince: number | undefined;
	for (let round = 0; ; round++) {
		const standing = await look(cluster, service, options);
		const { isDone, available, updated, wanted, isLate, cause } = standing;
		const line = `${name}: ${Math.min(updated, available)} of ${wanted} replicas answer`;
		if (line !== told) say(line);
		told = line;
		if (isDone) return standing.pods.map((pod) => pod.spec?.nodeName ?? "");
		troubledSince =
			cause === undefined ? undefined : (troubledSince ?? Date.now());
		const isBorne =
			troubledSince === undefined || Date.now() - troubledSince < PATIENCE_MS;
		const isStuck = cause?.reason === "QuotaExceeded" && !isBorne;
		if (cause?.isFinal || isStuck || isLate || Date.now() >= end)
			throw await stalled(cluster, service, standing, name);
		await sleep(round === 0 ? 200 : POLL_MS, undefined, { signal }).catch(
			() => {
				throw fail("TIMEOUT", `cannot wait for ${name}: interrupted`, {
					hint: "the rollout goes on without mlship: kubectl rollout status says how",
				});
			},
		);
	}
}

async function look(
	cluster: Cluster,
	service: Service,
	{ track, replicas }: RolloutOptions,
): Promise<Standing> {
	const objects = await listLive<LiveObject>(
		cluster,
		["deployments", "replicasets", "pods"],
		[`--namespace=${service.namespace}`, selectorArgument(service, track)],
	);
	const name = trackName(service, track);
	const deployment = objects.find(
		({ kind, metadata }) => kind === "Deployment" && metadata.name === name,
	) as LiveDeployment | undefined;
	if (deployment === undefined)
		throw fail("NOT_FOUND", `cannot find deployment ${name}: it was deleted`);
	const { status = {}, spec, metadata } = deployment;
	const newest = newestOf(deployment, objects);
	const pods = objects.filter(
		(one) =>
			one.kind === "Pod" &&
			one.metadata.ownerReferences?.some(
				({ uid }) => uid === newest?.metadata.uid,
			),
	) as LivePod[];
	const wanted = Math.max(replicas, spec.replicas ?? 1);
	const { updatedReplicas: updated = 0, availableReplicas: available = 0 } =
		status;
	const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
	const isLate = status.conditions?.some(
		(one) =>
			one.type === "Progressing" && one.reason === "ProgressDeadlineExceeded",
	);
	return {
		isDone:
			isSeen &&
			updated >= wanted &&
			available >= wanted &&
			(status.replicas ?? 0) <= updated,
		available: isSeen ? available : 0,
		updated: isSeen ? updated : 0,
		wanted,
		isLate: isSeen && isLate === true,
		cause: isSeen ? causeOf(newest, pods) : undefined,
		pods,
	};
}

/** The ReplicaSet of the Deployment's present template, which bears its revision. */
function newestOf(
	{ metadata }: LiveDeployment,
	objects: readonly LiveObject[],
): LiveReplicaSet | undefined {
	const revision = metadata.annotations?.[REVISION];
	return objects.find(
		(one) =>
			one.kind === "ReplicaSet" &&
			one.metadata.annotations?.[REVISION] === revision &&
			one.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid),
	);
}

const REVISION = "deployment.kubernetes.io/revision";

function selectorArgument(service: Service, track: Track): string {
	const pairs = Object.entries(selectorOf(service, track));
	return `--selector=${pairs.map(([key, value]) => `${key}=${value}`).join(",")}`;
}

async function stalled(
	cluster: Cluster,
	service: Service,
	{ cause, pods, updated, available, wanted }: Standing,
	name: string,
): Promise<MlshipError> {
	const { namespace } = service;
	const events = await warningEvents(cluster, namespace, pods);
	// with what the events say, where they say more
	const known =
		cause === undefined || cause.reason.startsWith("N")
			? (causeOf(undefined, pods, events) ?? cause)
			: cause;
	const log =
		known?.hasLog && known.pod !== undefined
			? await lastLines(cluster, namespace, known.pod)
			: "";
	const reason =
		known?.text ??
		`${Math.min(updated, available)} of ${wanted} replicas answer after the time that they had`;
	const where = cluster.context === undefined ? "" : ` in ${cluster.context}`;
	return fail(
		known?.code ?? "TIMEOUT",
		`cannot roll out ${name}${where}: ${reason}${log === "" ? "" : `\nits last lines:\n${log}`}`,
		{
			hint:
				known?.hint ??
				`see kubectl --namespace ${namespace} describe pod ${known?.pod ?? ""}`.trim(),
			at: {
				namespace,
				deployment: name,
				...(known !== undefined && { reason: known.reason }),
				...(known?.pod !== undefined && { pod: known.pod }),
			},
		},
	);
}

/** What was warned of these pods, the latest first. */
async function warningEvents(
	cluster: Cluster,
	namespace: string,
	pods: readonly LivePod[],
): Promise<string[]> {
	const { exitCode, stdout } = await cluster.attempt([
		...["get", "events", `--namespace=${namespace}`],
		...["--field-selector=type=Warning", "-o", "json"],
	]);
	if (exitCode !== 0) return [];
	const names = new Set(pods.map(({ metadata }) => metadata.name));
	const { items = [] } = parsed<{
		items?: { involvedObject?: { name?: string }; message?: string }[];
	}>(stdout);
	return items
		.filter(({ involvedObject }) => names.has(involvedObject?.name ?? ""))
		.map(({ message = "" }) => message)
		.reverse();
}

/** Of the run that ended, or of the one under way. */
async function lastLines(
	cluster: Cluster,
	namespace: string,
	pod: string,
): Promise<string> {
	for (const which of [["--previous"], []]) {
		const { exitCode, stdout } = await cluster.attempt([
			...["logs", pod, `--namespace=${namespace}`, "--tail=10"],
			...which,
		]);
		if (exitCode === 0 && stdout.trim() !== "")
			return stdout
				.trimEnd()
				.split("\n")
				.map((line) => `  ${line.replace(/\p{Cc}/gu, " ").slice(0, 500)}`)
				.join("\n");
	}
	return "";
}
