import { labelsOf, selectorOf } from "../labels.js";
import type { KubeObject } from "../object.js";
import type { Service } from "../service.js";

/** Where Prometheus usually is; it sees the REST port alone. */
const MONITORING = "monitoring";

type Rule = Readonly<Record<string, unknown>>;

/**
 * Who reaches the pods: their namespace, those that were named, the gateway's; everybody with a load balancer, whose
 * addresses are not known here. They reach nobody but the cluster's names.
 */
export function policyOf(service: Service): KubeObject {
	return {
		apiVersion: "networking.k8s.io/v1",
		kind: "NetworkPolicy",
		metadata: {
			name: service.name,
			namespace: service.namespace,
			labels: labelsOf(service),
		},
		spec: {
			podSelector: { matchLabels: selectorOf(service) },
			policyTypes: ["Ingress", "Egress"],
			ingress: ingressOf(service),
			egress: [
				{
					to: [namespaces(["kube-system"])],
					ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })),
				},
			],
		},
	};
}

function ingressOf({ access }: Service): Rule[] {
	const ports = ["grpc", "http"].map((port) => ({ protocol: "TCP", port }));
	if (access.loadBalancer) return [{ ports }];
	const callers = new Set(access.namespaces);
	if (access.gateway !== undefined) callers.add(access.gateway.namespace);
	const others = callers.size === 0 ? [] : [namespaces([...callers])];
	return [
		{ from: [{ podSelector: {} }, ...others], ports },
		{ from: [namespaces([MONITORING])], ports: [ports[1]] },
	];
}

/** By the label that the API server itself gives each. */
function namespaces(values: readonly string[]): Rule {
	return {
		namespaceSelector: {
			matchExpressions: [
				{ key: "kubernetes.io/metadata.name", operator: "In", values },
			],
		},
	};
}
