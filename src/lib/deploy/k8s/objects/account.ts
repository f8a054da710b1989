import { labelsOf } from "../labels.js";
import type { KubeObject } from "../object.js";
import type { Service } from "../service.js";

/** An account of its own without any right or token: a model server never asks the cluster. */
export function accountOf(service: Service): KubeObject {
	return {
		apiVersion: "v1",
		kind: "ServiceAccount",
		metadata: {
			name: service.name,
			namespace: service.namespace,
			labels: labelsOf(service),
		},
		automountServiceAccountToken: false,
	};
}
