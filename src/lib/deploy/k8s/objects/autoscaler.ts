import { labelsOf } from "../labels.js";
import type { KubeObject } from "../object.js";
import type { Service } from "../service.js";

/** More replicas within seconds when processors are busy, fewer after five quiet minutes. */
export function autoscalerOf(service: Service): KubeObject {
	const { name, namespace, replicas, maxReplicas } = service;
	return {
		apiVersion: "autoscaling/v2",
		kind: "HorizontalPodAutoscaler",
		metadata: { name, namespace, labels: labelsOf(service) },
		spec: {
			scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
			minReplicas: replicas,
			maxReplicas,
			metrics: [
				{
					type: "Resource",
					resource: {
						name: "cpu",
						target: { type: "Utilization", averageUtilization: 70 },
					},
				},
			],
			behavior: {
				scaleUp: { stabilizationWindowSeconds: 0 },
				scaleDown: { stabilizationWindowSeconds: 300 },
			},
		},
	};
}
