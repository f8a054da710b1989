import { labelsOf } from "../labels.js";
import type { KubeObject } from "../object.js";
import type { Service } from "../service.js";

/** With Pod Security's strictest level, so that a careless pod is refused here whoever starts it. */
export function namespaceOf(service: Service): KubeObject {
	const levels = ["enforce", "warn", "audit"].map((mode) => [
		`pod-security.kubernetes.io/${mode}`,
		"restricted",
	]);
	return {
		apiVersion: "v1",
		kind: "Namespace",
		metadata: {
			name: service.namespace,
			labels: { ...labelsOf(service), ...Object.fromEntries(levels) },
		},
	};
}
