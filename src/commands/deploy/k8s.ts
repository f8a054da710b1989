import { type Command, Option } from "commander";
import type { CommandContext, GlobalOptions } from "../context.js";
import { SHARED_OPTIONS } from "../options.js";

/** As they are written on the command line. */
export interface K8sCommandOptions extends GlobalOptions {
	readonly models?: string;
	readonly name?: string;
	readonly namespace?: string;
	readonly versions?: string;
	readonly image?: string;
	readonly runtime?: "mlship" | "tfs";
	readonly weights?: string;
	readonly nodes?: string;
	readonly replicas?: string;
	readonly maxReplicas?: string;
	readonly strict?: boolean;
	readonly cpu?: string;
	readonly memory?: string;
	readonly env?: readonly string[];
	readonly pullSecret?: string;
	readonly tokenSecret?: string;
	readonly loadBalancer?: boolean;
	readonly source?: readonly string[];
	readonly allowNamespace?: readonly string[];
	readonly gateway?: string;
	readonly hostname?: string;
	readonly out?: string;
	readonly force?: boolean;
	readonly dryRun?: boolean | string;
	readonly diff?: boolean;
	readonly apply?: boolean;
	readonly context?: readonly string[];
	readonly timeout?: string;
	readonly forceConflicts?: boolean;
	readonly canary?: string;
	readonly promote?: boolean;
	readonly rollback?: boolean;
	readonly createCluster?: string;
	readonly clusterName?: string;
	readonly region?: string;
	readonly yes?: boolean;
}

const EXAMPLES = `
Examples:
  mlship deploy k8s --nodes 5                          manifests in ./deploy/k8s: 5 replicas on 5 nodes
  mlship deploy k8s ./models/digits --dry-run          prints them, and touches nothing
  mlship deploy k8s digits --image registry.example.com/digits@sha256:… --nodes 5 --apply
  mlship deploy k8s digits --image … --canary digits@2=10 --gateway web     a tenth of the requests
  mlship deploy k8s digits --promote                   all of them
  mlship deploy k8s digits --rollback                  back to what was there before
`;

/** Options and action of `mlship deploy k8s`. */
export function defineK8s(command: Command, context: CommandContext): void {
	command
		.description(
			"Run models on Kubernetes: write the manifests that an operator would, or apply them with kubectl and watch until the models answer.",
		)
		.argument(
			"[path]",
			"SavedModel, ONNX file, model folder, repository, or NAME[@VERSION] of a model in ./models",
		)
		.addOption(SHARED_OPTIONS.models());
	for (const [heading, options] of Object.entries(OPTIONS))
		for (const option of options)
			command.addOption(option.helpGroup(`${heading}:`));
	command
		.addHelpText("before", EXAMPLES.trimStart())
		.action(async (path: string | undefined) => {
			const { runK8s } = await import("./k8s/run.js");
			await runK8s(path, command.optsWithGlobals<K8sCommandOptions>(), context);
		});
}

/** An option that may be given several times, a value each: a path behind it stays a path. */
function repeated(flags: string, description: string): Option {
	return new Option(flags, description).argParser(
		(value, before: readonly string[] | undefined) => [
			...(before ?? []),
			value,
		],
	);
}

/** THE list of options, by what they are about. */
const OPTIONS: Readonly<Record<string, readonly Option[]>> = {
	"What runs": [
		new Option("--name <name>", "of the objects (default: the model's)"),
		new Option("--namespace <name>", "where they are (default: the name)"),
		new Option(
			"--versions <which>",
			"as many of the latest (2), a list (1,3) or all",
		),
		new Option(
			"--image <image>",
			"what runs, best by digest (default: that of deploy docker)",
		),
		new Option(
			"--runtime <name>",
			"what is in the image: mlship, or TensorFlow Serving (default: mlship)",
		).choices(["mlship", "tfs"]),
		new Option(
			"--weights <where>",
			"where models are: image, volume=IMAGE or pvc=CLAIM (default: image)",
		),
		repeated("--env <name=value>", "a variable of the server"),
		new Option(
			"--pull-secret <name>",
			"secret with credentials of the image's registry",
		),
	],
	"How much of it": [
		new Option(
			"--nodes <n>",
			"spread over so many worker nodes; changes no cluster by itself",
		),
		new Option("--replicas <n>", "servers (default: --nodes, else 2)"),
		new Option(
			"--max-replicas <n>",
			"as many as the autoscaler may make (default: 3 a node)",
		),
		new Option(
			"--strict",
			"a node of its own for each replica; warnings of the cluster are errors",
		),
		new Option("--cpu <n>", "processors of a replica (default: 1)"),
		new Option(
			"--memory <bytes>",
			"memory of a replica (default: by the models' bytes)",
		),
	],
	"Who reaches it": [
		new Option("--load-balancer", "ask the cloud for an address"),
		repeated("--source <network>", "to whom the load balancer is open"),
		new Option(
			"--token-secret <name>",
			"secret whose key tokens says who may ask (docs/serving.md)",
		),
		repeated("--allow-namespace <name>", "whose pods may call it"),
		new Option(
			"--gateway <name>",
			"Gateway API: [NAMESPACE/]NAME of the gateway that routes to it",
		),
		new Option("--hostname <host>", "host name of the route"),
	],
	"What is done": [
		new Option("--out <dir>", "where manifests go (default: ./deploy/k8s)"),
		new Option("--force", "replace files in --out that are not mlship's"),
		new Option(
			"--dry-run [where]",
			"print the manifests; server: have the cluster check them",
		).choices(["client", "server"]),
		new Option("--diff", "show what would change; exit 8 if anything would"),
		new Option("--apply", "apply them, and wait until the models answer"),
		repeated(
			"--context <name>",
			"cluster of kubeconfig; several, one after the other (default: the current one)",
		),
		new Option(
			"--timeout <time>",
			"how long a rollout may take (default: by the models' bytes)",
		),
		new Option("--force-conflicts", "take over fields that others changed"),
	],
	"New versions": [
		new Option(
			"--canary <share>",
			"try a version on some requests, as digits@2=10",
		),
		new Option("--promote", "give it all of them"),
		new Option(
			"--rollback",
			"end the canary, or go back to the release before",
		),
	],
	"A cluster": [
		new Option(
			"--create-cluster <provider>",
			"plan one of --nodes nodes, make it with --yes",
		).choices(["gke", "eks", "aks", "kind"]),
		new Option("--cluster-name <name>", "(default: mlship)"),
		new Option("--region <name>", "region, zone or location of the provider"),
		new Option("--yes", "do it: clusters cost money"),
	],
};
