import { describe, expect, test } from "vitest";
import { manifestsOf } from "../../../../src/lib/deploy/k8s/manifests.js";
import type { KubeObject } from "../../../../src/lib/deploy/k8s/object.js";
import { service } from "./service.js";

/** What every set of manifests has to hold, whatever was asked for. */
const VARIANTS = {
	usual: service(),
	"of one replica": service({ replicas: 1, maxReplicas: 1 }),
	"of TensorFlow Serving": service({ runtime: "tfs" }),
	"with weights in another image": service({
		weights: { kind: "volume", image: "registry.example.com/digits-weights:2" },
	}),
	"with weights on a volume": service({
		weights: { kind: "pvc", claim: "models" },
	}),
	"open to everybody": service({
		access: { loadBalancer: true, sources: [], namespaces: [] },
	}),
	"of 20 GB": service({ size: { bytes: 20e9, largest: 20e9 } }),
};

describe.each(Object.entries(VARIANTS))("manifests %s", (_, made) => {
	const objects = manifestsOf(made);
	const deployment = find(objects, "Deployment");
	const pod = at(deployment, "spec.template.spec");
	const [container] = at(pod, "containers");

	test("name no API that Kubernetes 1.30 to 1.36 lacks", () => {
		// kubernetes.io, "Deprecated API Migration Guide": extensions/v1beta1 is gone since 1.16, autoscaling/v2beta2 and
		// policy/v1beta1 since 1.25
		const known = [
			"v1",
			"apps/v1",
			"autoscaling/v2",
			"policy/v1",
			"networking.k8s.io/v1",
		];
		for (const { apiVersion } of objects) expect(known).toContain(apiVersion);
	});

	test("have a Deployment whose selector fits its pods, and every other selector too", () => {
		const labels = at(deployment, "spec.template.metadata.labels");
		const selectors = [
			at(deployment, "spec.selector.matchLabels"),
			at(find(objects, "PodDisruptionBudget"), "spec.selector.matchLabels"),
			at(find(objects, "NetworkPolicy"), "spec.podSelector.matchLabels"),
			...all(objects, "Service").map((one) => at(one, "spec.selector")),
			...at(pod, "topologySpreadConstraints").map((one: object) =>
				at(one, "labelSelector.matchLabels"),
			),
		];
		for (const selector of selectors) {
			expect(Object.keys(selector).length).toBeGreaterThan(0);
			expect(labels).toMatchObject(selector);
		}
	});

	test("keep gRPC on 8500 and REST on 8501, in containers and services", () => {
		expect(at(container, "ports")).toEqual([
			{ name: "grpc", containerPort: 8500 },
			{ name: "http", containerPort: 8501 },
		]);
		expect(at(container, "args")).toEqual(
			expect.arrayContaining(["--port=8500", "--rest_api_port=8501"]),
		);
		for (const port of all(objects, "Service").flatMap((one) =>
			at(one, "spec.ports"),
		))
			expect(port).toMatchObject(
				port.name === "grpc"
					? { port: 8500, targetPort: "grpc", appProtocol: "kubernetes.io/h2c" }
					: { port: 8501, targetPort: "http" },
			);
	});

	test("are accepted by Pod Security's level restricted", () => {
		// kubernetes.io, "Pod Security Standards"
		expect(at(pod, "securityContext")).toMatchObject({
			runAsNonRoot: true,
			runAsUser: 65532,
			seccompProfile: { type: "RuntimeDefault" },
		});
		expect(at(container, "securityContext")).toEqual({
			allowPrivilegeEscalation: false,
			capabilities: { drop: ["ALL"] },
			readOnlyRootFilesystem: true,
		});
		expect(at(pod, "hostNetwork")).toBeUndefined();
		const kinds = ["configMap", "emptyDir", "image", "persistentVolumeClaim"];
		for (const { name, ...volume } of at(pod, "volumes"))
			expect(kinds).toContain(Object.keys(volume)[0]);
		expect(at(find(objects, "Namespace"), "metadata.labels")).toMatchObject({
			"pod-security.kubernetes.io/enforce": "restricted",
		});
	});

	test("give no token to a server that never asks the cluster", () => {
		expect(at(pod, "automountServiceAccountToken")).toBe(false);
		expect(find(objects, "ServiceAccount").automountServiceAccountToken).toBe(
			false,
		);
	});

	test("ask three different questions of a server, none of which a model's name is part of", () => {
		const probes = ["startupProbe", "readinessProbe", "livenessProbe"].map(
			(name) => at(container, name),
		);
		for (const probe of probes) {
			expect(probe.httpGet?.path ?? "/").not.toMatch(/v1|models/);
			// a port is open long before anything answers
			expect(probe.tcpSocket).toBeUndefined();
		}
		const asked = probes.map((probe) => probe.httpGet?.path);
		if (made.runtime === "mlship")
			expect(asked).toEqual(["/startupz", "/readyz", "/livez"]);
		else {
			expect(probes[1].grpc).toEqual({ port: 8500 });
			expect(at(container, "args")).toContain(
				"--enable_grpc_healthcheck_service=true",
			);
		}
	});

	test("wait longer than the server needs to end", () => {
		const sleep = at(container, "lifecycle.preStop.sleep.seconds");
		const drains = at(container, "args")
			.map((arg: string) => /^--drain-\w+=(\d+)s$/.exec(arg)?.[1])
			.reduce((sum: number, seconds = 0) => sum + Number(seconds), 0);
		expect(sleep).toBeGreaterThanOrEqual(5);
		expect(at(pod, "terminationGracePeriodSeconds")).toBeGreaterThan(
			sleep + drains,
		);
	});

	test("promise memory, limit it, and leave processors without a limit", () => {
		const { requests, limits } = at(container, "resources");
		expect(mebibytes(limits.memory)).toBeGreaterThanOrEqual(
			mebibytes(requests.memory),
		);
		expect(requests).toMatchObject({ cpu: "1" });
		expect(limits.cpu).toBeUndefined();
		const weights = (made.size.bytes + made.size.largest) / 2 ** 20;
		expect(mebibytes(limits.memory)).toBeGreaterThan(weights);
	});

	test("write nowhere but into a small folder for what passes", () => {
		const writable = at(container, "volumeMounts").filter(
			({ readOnly }: { readOnly?: boolean }) => !readOnly,
		);
		expect(writable).toEqual([{ name: "tmp", mountPath: "/tmp" }]);
		expect(
			at(pod, "volumes").find(({ name }: { name: string }) => name === "tmp"),
		).toMatchObject({ emptyDir: { sizeLimit: expect.any(String) } });
		// ONNX Runtime's optimized weights lie there
		const { sizeLimit } = at(pod, "volumes").find(
			({ name }: { name: string }) => name === "tmp",
		).emptyDir;
		const { bytes, largest } = made.size;
		expect(mebibytes(sizeLimit) * 2 ** 20).toBeGreaterThan(bytes + largest);
	});

	test("replace no replica before its successor answers, and never block a drain", () => {
		expect(at(deployment, "spec.strategy.rollingUpdate")).toEqual({
			maxUnavailable: 0,
			maxSurge: 1,
		});
		const budget = at(find(objects, "PodDisruptionBudget"), "spec");
		expect(budget.maxUnavailable).toBe(1);
		expect(budget.minAvailable).toBeUndefined();
		expect(budget.unhealthyPodEvictionPolicy).toBe("AlwaysAllow");
	});

	test("leave the number of replicas to the autoscaler where there is one", () => {
		const scalers = all(objects, "HorizontalPodAutoscaler");
		expect(at(deployment, "spec.replicas")).toBe(
			scalers.length > 0 ? undefined : made.replicas,
		);
	});

	test("mount the configuration that they bring", () => {
		const config = find(objects, "ConfigMap");
		expect(config.immutable).toBe(true);
		expect(at(pod, "volumes")).toContainEqual({
			name: "config",
			configMap: { name: config.metadata.name },
		});
	});

	test("let in who was named, and let pods reach names alone", () => {
		const { policyTypes, egress, ingress } = at(
			find(objects, "NetworkPolicy"),
			"spec",
		);
		expect(policyTypes).toEqual(["Ingress", "Egress"]);
		expect(egress).toHaveLength(1);
		expect(egress[0].ports.map(({ port }: { port: number }) => port)).toEqual([
			53, 53,
		]);
		expect(ingress.some((rule: object) => !("from" in rule))).toBe(
			made.access.loadBalancer,
		);
	});
});

test("tokens come from a secret, which none but the server's user reads", () => {
	const objects = manifestsOf(service({ tokenSecret: "callers" }));
	const pod = at(find(objects, "Deployment"), "spec.template.spec");
	const [container] = at(pod, "containers");
	expect(at(pod, "volumes")).toContainEqual({
		name: "tokens",
		secret: { secretName: "callers", defaultMode: 0o440 },
	});
	const mount = at(container, "volumeMounts").find(
		({ name }: { name: string }) => name === "tokens",
	);
	expect(at(container, "args")).toContain(
		`--token-file=${mount.mountPath}/tokens`,
	);
});

test("another configuration has another name, the same one the same", () => {
	const nameOf = (made: Parameters<typeof manifestsOf>[0]): string =>
		find(manifestsOf(made), "ConfigMap").metadata.name;
	expect(nameOf(service())).toBe(nameOf(service({ image: "other:1" })));
	expect(nameOf(service())).not.toBe(
		nameOf(
			service({ models: [{ name: "digits", versions: ["3"], labels: {} }] }),
		),
	);
});

test("a canary has a part of the replicas, and the route gives it its part of the requests", () => {
	const gateway = {
		name: "web",
		namespace: "infra",
		hostname: "a.example.com",
	};
	const stable = service({
		replicas: 5,
		maxReplicas: 15,
		access: { loadBalancer: false, sources: [], namespaces: [], gateway },
	});
	const objects = manifestsOf(stable, {
		service: { ...stable, image: "registry.example.com/digits:3" },
		percent: 30,
	});
	const canary = all(objects, "Deployment")[1];
	// 30 % of 5 is 1.5
	expect(at(canary, "spec.replicas")).toBe(2);
	expect(at(canary, "spec.selector.matchLabels")).not.toEqual(
		at(find(objects, "Deployment"), "spec.selector.matchLabels"),
	);
	const { rules, hostnames } = at(find(objects, "HTTPRoute"), "spec");
	expect(hostnames).toEqual(["a.example.com"]);
	for (const { matches, backendRefs } of rules) {
		const isForced = "headers" in matches[0];
		expect(
			backendRefs.map((one: { name: string; weight: number }) => [
				one.name,
				one.weight,
			]),
		).toEqual(
			isForced
				? [["digits-canary", 1]]
				: [
						["digits", 70],
						["digits-canary", 30],
					],
		);
	}
});

// biome's rule against any is for the product: manifests are walked by paths here
type Walked = ReturnType<typeof JSON.parse>;

function at(object: unknown, path: string): Walked {
	return path
		.split(".")
		.reduce<Walked>((value, key) => value?.[key], object as Walked);
}

function all(objects: readonly KubeObject[], kind: string): KubeObject[] {
	return objects.filter((object) => object.kind === kind);
}

function find(objects: readonly KubeObject[], kind: string): KubeObject {
	const [first] = all(objects, kind);
	if (first === undefined) throw new Error(`there is no ${kind}`);
	return first;
}

function mebibytes(quantity: string): number {
	const [, amount, unit] = /^(\d+)(Mi|Gi)$/.exec(quantity) ?? [];
	return Number(amount) * (unit === "Gi" ? 1024 : 1);
}
