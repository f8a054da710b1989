import type { Runtime, Service } from "../service.js";
import { memoryOf, scratchOf, startSeconds } from "../size.js";
import { CONFIG_FOLDER, MODELS_FOLDER, TFS_METRICS_PATH } from "./config.js";

/** TensorFlow Serving's own, which clients know. */
export const PORTS = { grpc: 8500, http: 8501 } as const;

/** Seconds in the life of a pod that is told to end, one after the other. */
export const ENDING = {
	/** It serves on while nodes and load balancers learn that it is gone (endpoints are removed asynchronously). */
	sleep: 5,
	/** Connections that clients keep open are told to close. */
	delay: 5,
	/** What is under way is finished: a request takes 30 seconds at most. */
	drain: 30,
	/** Before it is killed. */
	spare: 5,
} as const;

interface RuntimeRow {
	readonly command?: readonly string[];
	args(service: Service): string[];
	/** What tells that it lives, that it has tried each model once, that models answer. */
	readonly probes: Readonly<Record<"live" | "started" | "ready", Probe>>;
	readonly metricsPath: string;
	readonly env: Readonly<Record<string, string>>;
	/** Seconds between SIGTERM and SIGKILL, the sleep included. */
	readonly grace: number;
}

type Probe = Readonly<Record<string, unknown>>;

function httpProbe(path: string): Probe {
	return { httpGet: { path, port: "http" } };
}

/** Where the key `tokens` of a secret is a file. */
const TOKENS_FOLDER = "/etc/mlship-tokens";

const COMMON_ARGS = [
	`--port=${PORTS.grpc}`,
	`--rest_api_port=${PORTS.http}`,
	`--model_config_file=${CONFIG_FOLDER}/models.config`,
];

/**
 * Its status page says 200 while models load (kubeflow#2987). Its health service knows of the process alone, and its port is
 * open when all models are loaded, so that one question does for all three.
 */
const TFS_HEALTH: Probe = { grpc: { port: PORTS.grpc } };

export const RUNTIMES: Readonly<Record<Runtime, RuntimeRow>> = {
	mlship: {
		args: ({ cpus, tokenSecret }) => [
			"--host=0.0.0.0",
			...COMMON_ARGS,
			...(tokenSecret === undefined
				? []
				: [`--token-file=${TOKENS_FOLDER}/tokens`]),
			...sharesOf(cpus),
			`--drain-delay=${ENDING.delay}s`,
			`--drain-timeout=${ENDING.drain}s`,
		],
		probes: {
			started: httpProbe("/startupz"),
			ready: httpProbe("/readyz"),
			live: httpProbe("/livez"),
		},
		metricsPath: "/metrics",
		// images choose versions by it, and here the configuration does
		env: { MLSHIP_VERSIONS: "" },
		grace: ENDING.sleep + ENDING.delay + ENDING.drain + ENDING.spare,
	},
	tfs: {
		// the image's own entry point is a shell that passes no signal on
		command: ["/usr/bin/tensorflow_model_server"],
		args: ({ models }) => [
			...COMMON_ARGS,
			`--monitoring_config_file=${CONFIG_FOLDER}/monitoring.config`,
			"--enable_grpc_healthcheck_service=true",
			...(models.some(({ labels }) => Object.keys(labels).length > 0)
				? ["--allow_version_labels_for_unavailable_models=true"]
				: []),
		],
		probes: {
			started: TFS_HEALTH,
			ready: TFS_HEALTH,
			live: TFS_HEALTH,
		},
		metricsPath: TFS_METRICS_PATH,
		env: {},
		// it ignores SIGTERM as a container's first process (tensorflow/serving#1853): what is under way has the sleep to finish
		grace: ENDING.drain + ENDING.spare,
	},
};

/** The one container of a pod, as Pod Security's level "restricted" wants it. */
export function containerOf(service: Service): Record<string, unknown> {
	const { image, runtime, env, cpus, memory, size, weights, tokenSecret } =
		service;
	const { command, args, probes, env: defaults } = RUNTIMES[runtime];
	const { request, limit } = memoryOf(size, runtime);
	const variables = Object.entries({ ...defaults, ...env }).map(
		([name, value]) => ({ name, value }),
	);
	return {
		name: "server",
		image,
		imagePullPolicy: "IfNotPresent",
		...(command !== undefined && { command }),
		args: args(service),
		ports: Object.entries(PORTS).map(([name, containerPort]) => ({
			name,
			containerPort,
		})),
		...(variables.length > 0 && { env: variables }),
		resources: {
			requests: {
				cpu: String(cpus),
				memory: memory ?? request,
				"ephemeral-storage": scratchOf(size),
			},
			// no limit of processors: to be held up in the middle of an answer is what makes the slowest ones slow
			limits: { memory: memory ?? limit },
		},
		startupProbe: {
			...probes.started,
			periodSeconds: STARTUP_PERIOD,
			timeoutSeconds: 2,
			failureThreshold: Math.ceil(startSeconds(size) / STARTUP_PERIOD),
		},
		readinessProbe: {
			...probes.ready,
			periodSeconds: 5,
			timeoutSeconds: 2,
			failureThreshold: 2,
		},
		livenessProbe: {
			...probes.live,
			periodSeconds: 10,
			timeoutSeconds: 5,
			failureThreshold: 6,
		},
		lifecycle: {
			preStop: {
				sleep: {
					seconds: runtime === "tfs" ? ENDING.drain : ENDING.sleep,
				},
			},
		},
		securityContext: {
			allowPrivilegeEscalation: false,
			capabilities: { drop: ["ALL"] },
			readOnlyRootFilesystem: true,
		},
		volumeMounts: [
			{ name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
			{ name: "tmp", mountPath: "/tmp" },
			...(tokenSecret === undefined
				? []
				: [{ name: "tokens", mountPath: TOKENS_FOLDER, readOnly: true }]),
			...(weights.kind === "image"
				? []
				: [
						{
							name: "models",
							mountPath: MODELS_FOLDER,
							readOnly: true,
							...(weights.kind === "volume" && { subPath: "models" }),
						},
					]),
		],
	};
}

const STARTUP_PERIOD = 2;

/** As many workers as processors are promised, whatever else the node has; each has a copy of the weights. */
function sharesOf(cpus: number): string[] {
	const cores = Math.max(1, Math.ceil(cpus));
	const workers = Math.min(4, cores);
	return [
		`--workers=${workers}`,
		`--threads=${Math.max(1, Math.floor(cores / workers))}`,
	];
}
