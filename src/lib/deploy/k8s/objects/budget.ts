import { labelsOf, selectorOf } from "../labels.js";
import type { KubeObject } from "../object.js";
import type { Service } from "../service.js";

/**
 * One replica at a time where nodes are drained. Not `minAvailable`, which blocks the drain of a single replica for ever; and
 * a replica that is not ready never holds up a node.
 */
export function budgetOf(service: Service): KubeObject {
	return {
		apiVersion: "policy/v1",
		kind: "PodDisruptionBudget",
		metadata: {
			name: service.name,
			namespace: service.namespace,
			labels: labelsOf(service),
		},
		spec: {
			maxUnavailable: 1,
			unhealthyPodEvictionPolicy: "AlwaysAllow",
			selector: { matchLabels: selectorOf(service) },
		},
	};
}
