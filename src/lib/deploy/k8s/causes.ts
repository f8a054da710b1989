import type { ErrorCode } from "../../errors.js";
import type { ContainerStatus, LivePod, LiveReplicaSet } from "./live.js";

/** Why replicas do not come, the first thing that is wrong. */
export interface Cause {
	readonly reason: string;
	readonly text: string;
	readonly code: ErrorCode;
	readonly hint?: string;
	/** The pod that it was seen at, whose log says more where `hasLog`. */
	readonly pod?: string;
	readonly hasLog?: boolean;
	/** Waiting changes nothing; others may pass, as when a cluster gets more nodes. */
	readonly isFinal: boolean;
}

interface CauseRow {
	readonly pattern: RegExp;
	readonly code: ErrorCode;
	readonly isFinal: boolean;
	readonly hasLog?: true;
	text(image: string): string;
	readonly hint?: string;
}

const PULL =
	"check the name, push the image, or give its registry's credentials by --pull-secret";

/** THE table of reasons for which a container waits (kubelet: pkg/kubelet/images/types.go, container/sync_result.go, kuberuntime). */
const WAITING: readonly CauseRow[] = [
	{
		pattern:
			/^(ImagePullBackOff|ErrImageNeverPull|InvalidImageName|ImageInspectError|RegistryUnavailable|SignatureValidationFailed)$/,
		code: "NOT_READY",
		isFinal: true,
		text: (image) => `the image ${image} cannot be pulled`,
		hint: PULL,
	},
	{
		pattern: /^ErrImagePull$/,
		code: "NOT_READY",
		isFinal: false,
		text: (image) => `the image ${image} cannot be pulled`,
		hint: PULL,
	},
	{
		pattern: /^CrashLoopBackOff$/,
		code: "NOT_READY",
		isFinal: true,
		hasLog: true,
		text: () => "the server ends as soon as it has started",
	},
	{
		pattern:
			/^(CreateContainerConfigError|CreateContainerError|RunContainerError|PreStartHookError|PostStartHookError)$/,
		code: "NOT_READY",
		isFinal: true,
		text: () => "the container cannot be made",
	},
];

/** Why the newest replicas are not all there; undefined while nothing is wrong. */
export function causeOf(
	replicaSet: LiveReplicaSet | undefined,
	pods: readonly LivePod[],
	events: readonly string[] = [],
): Cause | undefined {
	const alive = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
	return (
		first(alive, containerCause) ??
		refusedCause(replicaSet) ??
		first(alive, placingCause) ??
		first(alive, (pod) => readinessCause(pod, events))
	);
}

function first<T>(
	items: readonly T[],
	look: (item: T) => Cause | undefined,
): Cause | undefined {
	const found = items.map(look).filter((cause) => cause !== undefined);
	return found.find(({ isFinal }) => isFinal) ?? found[0];
}

/** A container that does not start, or does not stay. */
function containerCause({ metadata, status }: LivePod): Cause | undefined {
	for (const container of status?.containerStatuses ?? []) {
		const killed = killedCause(container);
		const waiting = container.state?.waiting;
		const row = WAITING.find(({ pattern }) =>
			pattern.test(waiting?.reason ?? ""),
		);
		if (killed !== undefined) return { ...killed, pod: metadata.name };
		if (row === undefined) continue;
		const { code, isFinal, hasLog, hint } = row;
		const exit = container.lastState?.terminated?.exitCode;
		const detail =
			hasLog && exit !== undefined
				? `exit status ${exit}`
				: shortened(waiting?.message ?? waiting?.reason ?? "");
		return {
			reason: waiting?.reason ?? "",
			text: `${row.text(container.image)}: ${detail}`,
			code,
			isFinal,
			pod: metadata.name,
			...(hasLog && { hasLog }),
			...(hint !== undefined && { hint }),
		};
	}
	return undefined;
}

/** The kernel's word, whichever state the container is in by now. */
function killedCause({
	state,
	lastState,
}: ContainerStatus): Omit<Cause, "pod"> | undefined {
	const ended = state?.terminated ?? lastState?.terminated;
	return ended?.reason === "OOMKilled"
		? {
				reason: "OOMKilled",
				text: "the server took more memory than it may",
				code: "OVERLOADED",
				isFinal: true,
				hint: "give it more by --memory",
			}
		: undefined;
}

/** Pods that the API server does not take: a quota, Pod Security, a webhook. */
function refusedCause(
	replicaSet: LiveReplicaSet | undefined,
): Cause | undefined {
	const failure = replicaSet?.status?.conditions?.find(
		({ type, status }) => type === "ReplicaFailure" && status === "True",
	);
	if (failure === undefined) return undefined;
	const message = failure.message ?? failure.reason ?? "";
	const isQuota = /quota/i.test(message);
	return {
		reason: isQuota ? "QuotaExceeded" : "FailedCreate",
		text: `pods are refused: ${shortened(message)}`,
		code: isQuota ? "OVERLOADED" : "DENIED",
		isFinal: !isQuota,
		...(isQuota && {
			hint: "see kubectl describe quota, then lower --replicas, --cpu or --memory",
		}),
	};
}

/** A pod without a node. */
function placingCause({ metadata, status }: LivePod): Cause | undefined {
	const unplaced = status?.conditions?.find(
		(one) =>
			one.type === "PodScheduled" &&
			one.status === "False" &&
			one.reason === "Unschedulable",
	);
	return unplaced === undefined
		? undefined
		: {
				reason: "Unschedulable",
				text: `no node takes another replica: ${shortened(unplaced.message ?? "")}`,
				code: "OVERLOADED",
				isFinal: false,
				pod: metadata.name,
				hint: "lower --replicas, --cpu or --memory, or add nodes",
			};
}

/** A pod that has a node, and does not answer. */
function readinessCause(
	{ metadata, status }: LivePod,
	events: readonly string[],
): Cause | undefined {
	const isReady = status?.conditions?.some(
		(one) => one.type === "Ready" && one.status === "True",
	);
	if (isReady) return undefined;
	const said = events.length === 0 ? "" : `: ${shortened(events[0])}`;
	const isRunning = status?.phase === "Running";
	return {
		reason: isRunning ? "NeverReady" : "NotStarted",
		text: isRunning
			? `the server runs and never is ready${said}`
			: `the pod does not start${said}`,
		code: "TIMEOUT",
		isFinal: false,
		pod: metadata.name,
		...(isRunning && { hasLog: true }),
	};
}

/** One line, and not for ever. */
function shortened(text: string): string {
	const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
	return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
