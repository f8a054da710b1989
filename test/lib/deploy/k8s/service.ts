import type { Service } from "../../../../src/lib/deploy/k8s/service.js";

/** A service of one small model, with what a test says otherwise. */
export function service(otherwise: Partial<Service> = {}): Service {
	return {
		name: "digits",
		namespace: "digits",
		ownsNamespace: true,
		image: `registry.example.com/digits@sha256:${"0".repeat(64)}`,
		runtime: "mlship",
		models: [{ name: "digits", versions: ["1", "2"], labels: {} }],
		weights: { kind: "image" },
		size: { bytes: 541_520, largest: 349_802 },
		replicas: 2,
		maxReplicas: 6,
		isStrict: false,
		cpus: 1,
		env: {},
		access: { loadBalancer: false, sources: [], namespaces: [] },
		...otherwise,
	};
}
