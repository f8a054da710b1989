import { type Finding, ok, problem, warning } from "../finding.js";
import type { Cluster } from "../k8s/kubectl.js";
import { reasonOf } from "../k8s/refusals.js";
import { yamlOf } from "../k8s/yaml.js";

/** A right that is needed, as SelfSubjectAccessReview asks for it. */
interface Right {
	readonly verbs: readonly string[];
	readonly group: string;
	readonly resource: string;
	readonly subresource?: string;
	/** Only for this. */
	readonly use?: "namespace" | "route";
}

/** Server-side apply patches what is there and creates what is not. */
const APPLY = ["get", "list", "create", "patch"];
const APPLY_AND_DELETE = [...APPLY, "delete"];

/** THE table of rights of --apply. */
const RIGHTS: readonly Right[] = [
	{
		verbs: ["create", "patch"],
		group: "",
		resource: "namespaces",
		use: "namespace",
	},
	{ verbs: APPLY, group: "", resource: "serviceaccounts" },
	{ verbs: APPLY_AND_DELETE, group: "", resource: "configmaps" },
	{ verbs: APPLY_AND_DELETE, group: "", resource: "services" },
	{ verbs: APPLY_AND_DELETE, group: "apps", resource: "deployments" },
	{ verbs: ["list"], group: "apps", resource: "replicasets" },
	{ verbs: ["list"], group: "", resource: "pods" },
	{
		verbs: APPLY_AND_DELETE,
		group: "autoscaling",
		resource: "horizontalpodautoscalers",
	},
	{
		verbs: APPLY_AND_DELETE,
		group: "policy",
		resource: "poddisruptionbudgets",
	},
	{
		verbs: APPLY_AND_DELETE,
		group: "networking.k8s.io",
		resource: "networkpolicies",
	},
	{
		verbs: APPLY_AND_DELETE,
		group: "gateway.networking.k8s.io",
		resource: "httproutes",
		use: "route",
	},
];

export interface Uses {
	readonly namespace: string;
	/** Whether the namespace is to be made. */
	readonly makesNamespace: boolean;
	readonly hasRoute: boolean;
}

/** Whether whoever kubectl speaks for may do all that is needed; one call for all rights. */
export async function checkPermissions(
	cluster: Cluster,
	uses: Uses,
): Promise<Finding> {
	const rights = RIGHTS.filter(
		({ use }) =>
			use === undefined ||
			(use === "namespace" ? uses.makesNamespace : uses.hasRoute),
	);
	const { exitCode, stdout, stderr } = await cluster.attempt(
		["create", "--filename=-", `--output=jsonpath=${ANSWER}`],
		{ input: yamlOf(reviewsOf(rights, uses.namespace)) },
	);
	if (exitCode !== 0)
		return warning(
			"permissions",
			`rights cannot be asked for: ${reasonOf(stderr)}`,
		);
	const missing = [...stdout.matchAll(/^(\S+) (\S+) (?!true)\S*$/gm)].map(
		([, verb, resource]) => ({ verb, resource }),
	);
	if (missing.length === 0)
		return ok("permissions", `may apply everything in ${uses.namespace}`);
	return problem(
		"permissions",
		"DENIED",
		`no right in namespace ${uses.namespace} to ${shown(missing)}`,
		`ask the cluster's administrator for: kubectl create rolebinding mlship --clusterrole=admin --user=YOU --namespace=${uses.namespace}`,
	);
}

const ANSWER =
	'{.spec.resourceAttributes.verb} {.spec.resourceAttributes.resource} {.status.allowed}{"\\n"}';

function reviewsOf(rights: readonly Right[], namespace: string): unknown {
	return {
		apiVersion: "v1",
		kind: "List",
		items: rights.flatMap(({ verbs, group, resource, use }) =>
			verbs.map((verb) => ({
				apiVersion: "authorization.k8s.io/v1",
				kind: "SelfSubjectAccessReview",
				spec: {
					resourceAttributes: {
						...(use === "namespace" ? { name: namespace } : { namespace }),
						verb,
						group,
						resource,
					},
				},
			})),
		),
	};
}

/** `create, patch deployments; list pods`. */
function shown(
	missing: readonly { readonly verb: string; readonly resource: string }[],
): string {
	const verbs = new Map<string, string[]>();
	for (const { verb, resource } of missing)
		verbs.set(resource, [...(verbs.get(resource) ?? []), verb]);
	return [...verbs]
		.map(([resource, names]) => `${names.join(", ")} ${resource}`)
		.join("; ");
}
