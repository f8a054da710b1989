import { MlshipError } from "../../errors.js";
import { type Finding, findingOf, ok, problem, warning } from "../finding.js";
import type { Cluster } from "../k8s/kubectl.js";
import { INSTANCE, MANAGED_BY, MANAGER } from "../k8s/labels.js";
import {
	findLive,
	type LiveDeployment,
	type LiveObject,
	parsed,
} from "../k8s/live.js";
import type { Service } from "../k8s/service.js";
import { checkNodes } from "./nodes.js";
import { checkPermissions } from "./permissions.js";
import { checkQuota } from "./quota.js";

/** What a look at a cluster found, and what an apply goes on from. */
export interface ClusterState {
	readonly findings: readonly Finding[];
	readonly namespace: NamespaceState;
	readonly deployment: LiveDeployment | undefined;
	/** Whether routes of the Gateway API are known there. */
	readonly hasRoutes: boolean;
}

/** Made by us, or by somebody else, or to be made; what may not be seen is taken to be there. */
export type NamespaceState = "ours" | "others" | "absent";

/** Kubernetes' minor versions in which what the manifests use is on. */
interface Feature {
	readonly since: number;
	readonly what: string;
	isUsed(service: Service): boolean;
	readonly hint: string;
}

/** THE table of what older clusters lack (kubernetes.io, "Feature Gates"). */
const FEATURES: readonly Feature[] = [
	{
		since: 30,
		what: "the preStop action sleep, by which no request is lost when pods go",
		isUsed: () => true,
		hint: "update the cluster",
	},
	{
		since: 35,
		what: "volumes from images, unless the feature gate ImageVolume turns them on (from 1.33)",
		isUsed: ({ weights }) => weights.kind === "volume",
		hint: "update the cluster, or put the weights into the image: --weights image",
	},
];

const NOTHING = {
	namespace: "absent",
	deployment: undefined,
	hasRoutes: false,
} as const;

/**
 * Looks at all that has to be so before something is applied; changes nothing. What cannot be reached is a finding, and the
 * last one.
 */
export async function inspectCluster(
	cluster: Cluster,
	service: Service,
	nodes: number | undefined,
): Promise<ClusterState> {
	try {
		const server = await checkServer(cluster, service);
		const [found, groups] = await Promise.all([
			seen(findLive(cluster, "namespace", service.namespace)),
			cluster.attempt(["get", "--raw", "/apis"]),
		]);
		const namespace = stateOf(found);
		const hasRoutes = groups.stdout.includes('"gateway.networking.k8s.io"');
		const { name } = service;
		const place = [name, service.namespace] as const;
		const deployment =
			namespace === "absent"
				? undefined
				: await seen(findLive<LiveDeployment>(cluster, "deployment", ...place));
		const live = deployment === UNSEEN ? undefined : deployment;
		const permissions = checkPermissions(cluster, {
			namespace: service.namespace,
			makesNamespace: service.ownsNamespace && namespace === "absent",
			hasRoute: service.access.gateway !== undefined && hasRoutes,
		});
		const present = live?.status?.replicas ?? 0;
		const rest = await Promise.all([
			permissions.then((finding) => [finding]),
			checkNodes(cluster, nodes),
			checkQuota(cluster, service, present),
		]);
		const findings = [
			...server,
			...namespaceFindings(service, found === UNSEEN ? undefined : found),
			...ownerFindings(service, live),
			...routeFindings(service, hasRoutes),
			...rest.flat(),
		];
		return { findings, namespace, deployment: live, hasRoutes };
	} catch (error) {
		if (error instanceof MlshipError)
			return { findings: [findingOf("cluster", error)], ...NOTHING };
		throw error;
	}
}

const UNSEEN = Symbol("unseen");

/** That a thing may not be seen is no reason to give up: what may be done is asked for separately. */
async function seen<T>(found: Promise<T>): Promise<T | typeof UNSEEN> {
	try {
		return await found;
	} catch (error) {
		if (error instanceof MlshipError && error.code === "DENIED") return UNSEEN;
		throw error;
	}
}

function stateOf(
	found: LiveObject | undefined | typeof UNSEEN,
): NamespaceState {
	if (found === undefined) return "absent";
	if (found === UNSEEN) return "others";
	return found.metadata.labels?.[MANAGED_BY] === MANAGER ? "ours" : "others";
}

async function checkServer(
	cluster: Cluster,
	service: Service,
): Promise<Finding[]> {
	const text = await cluster.run(["version", "-o", "json"], {
		verb: "reach the cluster",
	});
	const { serverVersion } = parsed<{
		serverVersion?: { gitVersion?: string; minor?: string };
	}>(text);
	const version = serverVersion?.gitVersion ?? "of unknown version";
	const minor = Number.parseInt(serverVersion?.minor ?? "", 10);
	const lacking = FEATURES.filter(
		({ since, isUsed }) => minor < since && isUsed(service),
	);
	return [
		ok("cluster", `Kubernetes ${version}`),
		...lacking.map(({ since, what, hint }) =>
			since === FEATURES[0].since
				? problem(
						"cluster",
						"UNSUPPORTED",
						`Kubernetes ${version} lacks ${what}: 1.${since} has it`,
						hint,
					)
				: warning(
						"cluster",
						`Kubernetes ${version} lacks ${what}: 1.${since} has it`,
						hint,
					),
		),
	];
}

function namespaceFindings(
	{ namespace: name }: Service,
	namespace: LiveObject | undefined,
): Finding[] {
	const labels = namespace?.metadata.labels ?? {};
	if (namespace?.metadata.deletionTimestamp !== undefined)
		return [
			problem(
				"namespace",
				"NOT_READY",
				`namespace ${name} is being deleted`,
				`wait until it is gone: kubectl wait --for=delete namespace/${name}`,
			),
		];
	const isOurs = labels[MANAGED_BY] === MANAGER;
	if (namespace === undefined || isOurs) return [];
	const level = labels["pod-security.kubernetes.io/enforce"];
	return level === "restricted"
		? []
		: [
				warning(
					"namespace",
					`namespace ${name} was there before and enforces ${level === undefined ? "no level of Pod Security" : `Pod Security's level ${level}`}: it stays as it is`,
					`kubectl label namespace ${name} pod-security.kubernetes.io/enforce=restricted`,
				),
			];
}

/** A Deployment of that name that somebody else made is not taken over. */
function ownerFindings(
	{ name, namespace }: Service,
	deployment: LiveDeployment | undefined,
): Finding[] {
	const labels = deployment?.metadata.labels ?? {};
	if (
		deployment === undefined ||
		(labels[MANAGED_BY] === MANAGER && labels[INSTANCE] === name)
	)
		return [];
	return [
		problem(
			"deployment",
			"INVALID",
			`deployment ${name} in namespace ${namespace} was not made by mlship`,
			"choose another --name or --namespace, or delete it first",
		),
	];
}

function routeFindings({ access }: Service, hasRoutes: boolean): Finding[] {
	return access.gateway === undefined || hasRoutes
		? []
		: [
				problem(
					"gateway",
					"UNSUPPORTED",
					"the cluster does not know the Gateway API, which --gateway needs",
					"install it as https://gateway-api.sigs.k8s.io/guides says, with a controller, or leave out --gateway",
				),
			];
}
