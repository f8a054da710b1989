import { type Finding, ok, problem } from "../finding.js";
import type { Cluster } from "../k8s/kubectl.js";
import { type LiveObject, parsed } from "../k8s/live.js";
import { parseQuantity } from "../k8s/quantity.js";
import type { Service } from "../k8s/service.js";
import { memoryOf } from "../k8s/size.js";

interface LiveQuota extends LiveObject {
	readonly status?: {
		readonly hard?: Readonly<Record<string, string>>;
		readonly used?: Readonly<Record<string, string>>;
	};
}

/**
 * Whether the namespace's quotas leave room for the replicas and for the one more that a rollout takes. `present` replicas
 * are counted in what is used already.
 */
export async function checkQuota(
	cluster: Cluster,
	service: Service,
	present: number,
): Promise<Finding[]> {
	const { exitCode, stdout } = await cluster.attempt([
		...["get", "resourcequotas", `--namespace=${service.namespace}`],
		...["-o", "json"],
	]);
	// who may not see quotas is told by the rollout
	if (exitCode !== 0) return [];
	const { items = [] } = parsed<{ items?: LiveQuota[] }>(stdout);
	const wrong = items.flatMap((quota) => problemsOf(quota, service, present));
	if (wrong.length > 0)
		return [
			problem(
				"quota",
				"OVERLOADED",
				wrong.join("; "),
				`see kubectl describe quota --namespace ${service.namespace}; lower --replicas, --cpu or --memory`,
			),
		];
	return items.length === 0
		? []
		: [ok("quota", `leaves room for ${service.replicas + 1} pods`)];
}

function problemsOf(
	{ metadata, status = {} }: LiveQuota,
	service: Service,
	present: number,
): string[] {
	const { hard = {}, used = {} } = status;
	const each = demandOf(service);
	return Object.entries(hard).flatMap(([resource, limit]) => {
		if (resource === "limits.cpu")
			return [
				`quota ${metadata.name} wants a limit of processors on each container, and mlship sets none: a LimitRange can`,
			];
		const need = each[resource.replace(/^(cpu|memory)$/, "requests.$1")];
		if (need === undefined) return [];
		const ours = Math.min(present, service.replicas + 1) * need;
		const free =
			parseQuantity(limit) - parseQuantity(used[resource] ?? "0") + ours;
		const wanted = (service.replicas + 1) * need;
		return wanted <= free
			? []
			: [
					`quota ${metadata.name} leaves ${amount(free)} of ${resource}, ${amount(wanted)} are needed for ${service.replicas} replicas and one more while they are replaced`,
				];
	});
}

/** Of one replica, by the names that quotas have. */
function demandOf({
	cpus,
	memory,
	size,
	runtime,
}: Service): Readonly<Record<string, number | undefined>> {
	const { request, limit } = memoryOf(size, runtime);
	return {
		pods: 1,
		"count/pods": 1,
		"requests.cpu": cpus,
		"requests.memory": parseQuantity(memory ?? request),
		"limits.memory": parseQuantity(memory ?? limit),
	};
}

/** Bytes as MiB; small numbers as they are. */
function amount(value: number): string {
	return Math.abs(value) >= 2 ** 20
		? `${Math.floor(value / 2 ** 20)}Mi`
		: String(Number(value.toFixed(3)));
}
