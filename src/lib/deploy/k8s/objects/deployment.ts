import { labelsOf, selectorOf } from "../labels.js";
import type { KubeObject } from "../object.js";
import { type Service, showModels, type Track, trackName } from "../service.js";
import { scratchOf, startSeconds } from "../size.js";
import { configOf } from "./config.js";
import { containerOf, PORTS, RUNTIMES } from "./container.js";
import { spreadOf } from "./spread.js";

/** Of the image's user; a number, as Kubernetes cannot know of a name that it is not root. */
const USER = 65_532;

/** Seconds that pulling an image and finding a node may take. */
const PLACING = 120;

/** The replicas of a track. `replicas` is the autoscaler's where there is one. */
export function deploymentOf(
	service: Service,
	track: Track,
	{ replicas }: { readonly replicas?: number | undefined },
): KubeObject {
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: {
			name: trackName(service, track),
			namespace: service.namespace,
			labels: labelsOf(service, track),
			annotations: { "mlship.dev/models": showModels(service.models) },
		},
		spec: {
			...(replicas !== undefined && { replicas }),
			revisionHistoryLimit: 5,
			minReadySeconds: 3,
			progressDeadlineSeconds: PLACING + startSeconds(service.size),
			strategy: {
				type: "RollingUpdate",
				rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
			},
			selector: { matchLabels: selectorOf(service, track) },
			template: {
				metadata: {
					labels: labelsOf(service, track),
					annotations: {
						"mlship.dev/models": showModels(service.models),
						"prometheus.io/scrape": "true",
						"prometheus.io/port": String(PORTS.http),
						"prometheus.io/path": RUNTIMES[service.runtime].metricsPath,
					},
				},
				spec: podOf(service, track),
			},
		},
	};
}

function podOf(service: Service, track: Track): Record<string, unknown> {
	return {
		serviceAccountName: service.name,
		automountServiceAccountToken: false,
		// variables of other services' addresses begin with MLSHIP_ where one has that name
		enableServiceLinks: false,
		...(service.pullSecret !== undefined && {
			imagePullSecrets: [{ name: service.pullSecret }],
		}),
		terminationGracePeriodSeconds: RUNTIMES[service.runtime].grace,
		securityContext: {
			runAsNonRoot: true,
			runAsUser: USER,
			runAsGroup: USER,
			fsGroup: USER,
			seccompProfile: { type: "RuntimeDefault" },
		},
		topologySpreadConstraints: spreadOf(service, track),
		containers: [containerOf(service)],
		volumes: [
			{
				name: "config",
				configMap: { name: configOf(service, track).metadata.name },
			},
			{ name: "tmp", emptyDir: { sizeLimit: scratchOf(service.size) } },
			...(service.tokenSecret === undefined
				? []
				: [
						{
							name: "tokens",
							secret: { secretName: service.tokenSecret, defaultMode: 0o440 },
						},
					]),
			...modelsVolume(service),
		],
	};
}

function modelsVolume({ weights }: Service): Record<string, unknown>[] {
	if (weights.kind === "image") return [];
	return [
		weights.kind === "volume"
			? {
					name: "models",
					image: { reference: weights.image, pullPolicy: "IfNotPresent" },
				}
			: {
					name: "models",
					persistentVolumeClaim: { claimName: weights.claim, readOnly: true },
				},
	];
}
