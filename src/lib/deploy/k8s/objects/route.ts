import { labelsOf } from "../labels.js";
import type { KubeObject } from "../object.js";
import { type Service, type Track, trackName } from "../service.js";
import { PORTS } from "./container.js";

/** A request with this header goes where it says, whatever the weights are. */
export const TRACK_HEADER = "x-mlship-track";

/** Services of gRPC, whose calls are paths that begin so. */
const GRPC_PATHS = [
	"/tensorflow.serving.PredictionService",
	"/tensorflow.serving.ModelService",
	"/grpc.health.v1.Health",
	"/grpc.reflection.v1.ServerReflection",
	"/grpc.reflection.v1alpha.ServerReflection",
];

type Rule = Readonly<Record<string, unknown>>;

/**
 * The Gateway API's route, one for both protocols and for both tracks: its name and host name stay while weights change
 * (kserve#5672). `canary` is the percentage of requests for that track, none where there is no such track.
 */
export function routeOf(
	service: Service,
	gateway: NonNullable<Service["access"]["gateway"]>,
	canary?: number,
): KubeObject {
	const { name, namespace } = gateway;
	const protocols = [
		{ port: PORTS.grpc, paths: GRPC_PATHS },
		{ port: PORTS.http, paths: ["/"] },
	];
	return {
		apiVersion: "gateway.networking.k8s.io/v1",
		kind: "HTTPRoute",
		metadata: {
			name: service.name,
			namespace: service.namespace,
			labels: labelsOf(service),
		},
		spec: {
			parentRefs: [{ name, namespace }],
			...(gateway.hostname !== undefined && { hostnames: [gateway.hostname] }),
			rules: protocols.flatMap(({ port, paths }) =>
				rulesOf(service, port, paths, canary),
			),
		},
	};
}

function rulesOf(
	service: Service,
	port: number,
	paths: readonly string[],
	canary: number | undefined,
): Rule[] {
	const matches = paths.map((value) => ({
		path: { type: "PathPrefix", value },
	}));
	const backend = (track: Track, weight: number) => ({
		name: trackName(service, track),
		port,
		weight,
	});
	if (canary === undefined)
		return [{ matches, backendRefs: [backend("stable", 100)] }];
	const header = { type: "Exact", name: TRACK_HEADER, value: "canary" };
	return [
		{
			matches: matches.map((match) => ({ ...match, headers: [header] })),
			backendRefs: [backend("canary", 1)],
		},
		{
			matches,
			backendRefs: [backend("stable", 100 - canary), backend("canary", canary)],
		},
	];
}
