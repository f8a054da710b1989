import { expect, test } from "vitest";
import { causeOf } from "../../../../src/lib/deploy/k8s/causes.js";
import type { LivePod } from "../../../../src/lib/deploy/k8s/live.js";

type Status = NonNullable<LivePod["status"]>;
type Container = NonNullable<Status["containerStatuses"]>[number];

function pod(status: Status, name = "digits-1"): LivePod {
	return { kind: "Pod", metadata: { name }, status };
}

function waiting(reason: string, rest: Partial<Container> = {}): LivePod {
	const container = {
		name: "server",
		image: "example.com/digits:2",
		ready: false,
		restartCount: 0,
		state: { waiting: { reason, message: `why ${reason}` } },
		...rest,
	};
	return pod({ phase: "Pending", containerStatuses: [container] });
}

const READY = pod(
	{ phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
	"digits-0",
);

/** As a kubelet writes them: the reason, and whether waiting is of no use. */
test.each([
	["ImagePullBackOff", /image example.com\/digits:2 cannot be pulled/, true],
	["InvalidImageName", /cannot be pulled/, true],
	["ErrImagePull", /cannot be pulled/, false],
	["CrashLoopBackOff", /ends as soon as it has started/, true],
	["CreateContainerConfigError", /why CreateContainerConfigError/, true],
])("%s is told", (reason, text, isFinal) => {
	const cause = causeOf(undefined, [READY, waiting(reason)]);
	expect(cause).toMatchObject({ reason, isFinal, pod: "digits-1" });
	expect(cause?.text).toMatch(text);
});

test("a server that is killed for its memory is told so, whatever its container does by now", () => {
	const killed = { terminated: { reason: "OOMKilled", exitCode: 137 } };
	const cause = causeOf(undefined, [
		waiting("CrashLoopBackOff", { lastState: killed }),
	]);
	expect(cause).toMatchObject({ reason: "OOMKilled", code: "OVERLOADED" });
	expect(cause?.hint).toContain("--memory");
});

test("the exit status of a crash is told", () => {
	const ended = { terminated: { reason: "Error", exitCode: 3 } };
	const cause = causeOf(undefined, [
		waiting("CrashLoopBackOff", { lastState: ended }),
	]);
	expect(cause?.text).toContain("exit status 3");
});

test("a pod that finds no node is told, and what will not pass comes first", () => {
	const unplaced = pod({
		phase: "Pending",
		conditions: [
			{
				type: "PodScheduled",
				status: "False",
				reason: "Unschedulable",
				message: "0/5 nodes are available: 5 Insufficient cpu.",
			},
		],
	});
	expect(causeOf(undefined, [unplaced])).toMatchObject({
		reason: "Unschedulable",
		isFinal: false,
		text: expect.stringContaining("5 Insufficient cpu"),
	});
	expect(
		causeOf(undefined, [unplaced, waiting("ImagePullBackOff")]),
	).toMatchObject({ reason: "ImagePullBackOff" });
});

test("pods that the server refuses are told by their ReplicaSet: a quota may pass, Pod Security does not", () => {
	const refused = (message: string) => ({
		kind: "ReplicaSet",
		metadata: { name: "digits-abc" },
		status: {
			conditions: [{ type: "ReplicaFailure", status: "True", message }],
		},
	});
	expect(causeOf(refused("exceeded quota: two"), [])).toMatchObject({
		reason: "QuotaExceeded",
		isFinal: false,
	});
	expect(
		causeOf(refused('violates PodSecurity "restricted"'), []),
	).toMatchObject({ code: "DENIED", isFinal: true });
});

test("a server that never is ready is told with what its probe said", () => {
	const running = pod({ phase: "Running", conditions: [] });
	const events = [
		"Readiness probe failed: HTTP probe failed with statuscode: 503",
	];
	expect(causeOf(undefined, [running], events)).toMatchObject({
		reason: "NeverReady",
		code: "TIMEOUT",
		hasLog: true,
		text: expect.stringContaining("statuscode: 503"),
	});
});

test("nothing is wrong with pods that answer, or that are going", () => {
	const going = waiting("ImagePullBackOff");
	const metadata = {
		...going.metadata,
		deletionTimestamp: "2026-01-01T00:00:00Z",
	};
	expect(causeOf(undefined, [READY, { ...going, metadata }])).toBeUndefined();
});
