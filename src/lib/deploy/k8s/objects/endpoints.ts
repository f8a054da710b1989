import { labelsOf, selectorOf } from "../labels.js";
import type { KubeObject } from "../object.js";
import { type Service, type Track, trackName } from "../service.js";
import { PORTS } from "./container.js";

/** What clients call by name; the stable track's is the load balancer's where one is wanted. */
export function endpointOf(service: Service, track: Track): KubeObject {
	const { loadBalancer, sources } = service.access;
	const isPublic = loadBalancer && track === "stable";
	return serviceObject(service, track, trackName(service, track), {
		type: isPublic ? "LoadBalancer" : "ClusterIP",
		...(isPublic &&
			sources.length > 0 && { loadBalancerSourceRanges: sources }),
		ports: [
			portOf("grpc", { appProtocol: "kubernetes.io/h2c" }),
			portOf("http", { appProtocol: "http" }),
		],
	});
}

/**
 * All pods by name: a client of gRPC keeps one connection, and so one pod, unless it chooses among the addresses itself
 * (`dns:///…`, round_robin).
 */
export function headlessOf(service: Service): KubeObject {
	return serviceObject(service, "stable", `${service.name}-headless`, {
		type: "ClusterIP",
		clusterIP: "None",
		ports: [portOf("grpc", { appProtocol: "kubernetes.io/h2c" })],
	});
}

function portOf(
	name: keyof typeof PORTS,
	rest: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
	return { name, port: PORTS[name], targetPort: name, ...rest };
}

function serviceObject(
	service: Service,
	track: Track,
	name: string,
	spec: Readonly<Record<string, unknown>>,
): KubeObject {
	return {
		apiVersion: "v1",
		kind: "Service",
		metadata: {
			name,
			namespace: service.namespace,
			labels: labelsOf(service, track),
		},
		spec: { ...spec, selector: selectorOf(service, track) },
	};
}
