import { type Finding, ok, problem, warning } from "../finding.js";
import type { Cluster } from "../k8s/kubectl.js";
import { parsed } from "../k8s/live.js";
import { type LiveNode, resizeCommand } from "../k8s/providers.js";
import { reasonOf } from "../k8s/refusals.js";

/** Nodes on which a pod without tolerations may run, and all others. */
export interface Workers {
	readonly ready: readonly LiveNode[];
	readonly others: readonly LiveNode[];
}

/**
 * Whether there are as many worker nodes as replicas are to be spread over. Fewer are a warning with the provider's
 * command for more: replicas share nodes then. Nobody resizes a cluster here.
 */
export async function checkNodes(
	cluster: Cluster,
	wanted: number | undefined,
): Promise<Finding[]> {
	const { exitCode, stdout, stderr } = await cluster.attempt([
		...["get", "nodes", "-o", "json"],
	]);
	if (exitCode !== 0)
		return [
			warning(
				"nodes",
				`nodes cannot be seen: ${reasonOf(stderr)}`,
				"ask the cluster's administrator for the right to list nodes; nothing else needs it",
			),
		];
	const { items = [] } = parsed<{ items?: LiveNode[] }>(stdout);
	const workers = sortedOut(items);
	const isShort = wanted !== undefined && workers.ready.length < wanted;
	const context = isShort ? await contextOf(cluster) : "";
	return [
		countFinding(workers, wanted, context),
		...architectureFinding(workers),
	];
}

/** Its name says which cluster of the provider it is. */
async function contextOf(cluster: Cluster): Promise<string> {
	if (cluster.context !== undefined) return cluster.context;
	const { stdout } = await cluster.attempt(["config", "current-context"]);
	return stdout.trim();
}

/** A control plane's nodes are tainted, drained ones unschedulable, lost ones not Ready. */
export function sortedOut(nodes: readonly LiveNode[]): Workers {
	const isWorker = ({ spec, status }: LiveNode): boolean =>
		!spec?.unschedulable &&
		!spec?.taints?.some(({ effect }) => effect !== "PreferNoSchedule") &&
		(status?.conditions ?? []).some(
			({ type, status: state }) => type === "Ready" && state === "True",
		);
	return {
		ready: nodes.filter(isWorker),
		others: nodes.filter((node) => !isWorker(node)),
	};
}

function countFinding(
	{ ready, others }: Workers,
	wanted: number | undefined,
	context: string,
): Finding {
	const rest =
		others.length === 0 ? "" : `, ${others.length} more take no pods`;
	const text = `${ready.length} worker ${ready.length === 1 ? "node is" : "nodes are"} ready${rest}`;
	if (ready.length === 0)
		return problem(
			"nodes",
			"NOT_READY",
			text,
			"see kubectl get nodes, and kubectl describe node for the reason",
		);
	if (wanted === undefined || ready.length >= wanted) return ok("nodes", text);
	const all = [...ready, ...others];
	const { provider, command } = resizeCommand({ context, nodes: all, wanted });
	const whose = provider === "" ? "" : ` (${provider})`;
	return warning(
		"nodes",
		`${text}, ${wanted} were asked for${whose}: replicas share nodes`,
		command,
	);
}

function architectureFinding({ ready }: Workers): Finding[] {
	const found = new Set(
		ready.map(({ status }) => status?.nodeInfo?.architecture ?? ""),
	);
	found.delete("");
	return found.size < 2
		? []
		: [
				warning(
					"nodes",
					`nodes are of different kinds (${[...found].sort().join(", ")}): an image for one of them fails on others`,
					"build it for each by mlship deploy docker --platform, and join them by docker manifest create",
				),
			];
}
