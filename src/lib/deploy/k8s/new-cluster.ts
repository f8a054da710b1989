import { execa } from "execa";
import { fail } from "../../errors.js";
import { checkName } from "../names.js";

/** A command with its words, nothing of which a shell reads. */
export interface Step {
	readonly program: string;
	readonly args: readonly string[];
	/** What it reads. */
	readonly input?: string;
}

/** What would be made, and what it takes. */
export interface ClusterPlan {
	readonly provider: ProviderName;
	readonly steps: readonly Step[];
	/** What a user should know first. */
	readonly notes: readonly string[];
}

interface Wish {
	readonly name: string;
	readonly nodes: number;
	readonly region: string | undefined;
}

const COSTS =
	"nodes cost money from when they are there until they are deleted";

/** THE table of providers that clusters can be made at. */
const PROVIDERS = {
	gke: ({ name, nodes, region = "us-central1-a" }: Wish) => ({
		steps: [
			step(
				...["gcloud", "container", "clusters", "create", name],
				...["--num-nodes", `${nodes}`, "--zone", zoneOf(region)],
			),
			step(
				...["gcloud", "container", "clusters", "get-credentials", name],
				...["--zone", zoneOf(region)],
			),
		],
		notes: [
			COSTS,
			"a cluster of one zone: in a regional one --num-nodes counts the nodes of each of its zones",
		],
	}),
	eks: ({ name, nodes, region = "us-east-1" }: Wish) => ({
		steps: [
			step(
				...["eksctl", "create", "cluster", "--name", name],
				...["--region", region, "--nodes", `${nodes}`],
				...["--nodes-min", `${nodes}`, "--nodes-max", `${2 * nodes}`],
				"--managed",
			),
			step(
				...["aws", "eks", "update-kubeconfig", "--name", name],
				...["--region", region],
			),
		],
		notes: [COSTS, "it takes about a quarter of an hour"],
	}),
	aks: ({ name, nodes, region = "eastus" }: Wish) => ({
		steps: [
			step("az", "group", "create", "--name", name, "--location", region),
			step(
				...["az", "aks", "create", "--resource-group", name, "--name", name],
				...["--node-count", `${nodes}`, "--generate-ssh-keys"],
			),
			step(
				...["az", "aks", "get-credentials", "--resource-group", name],
				...["--name", name],
			),
		],
		notes: [COSTS],
	}),
	kind: ({ name, nodes }: Wish) => ({
		steps: [
			{
				...step("kind", "create", "cluster", "--name", name, "--config", "-"),
				input: [
					"kind: Cluster",
					"apiVersion: kind.x-k8s.io/v1alpha4",
					"nodes:",
					"- role: control-plane",
					...Array<string>(nodes).fill("- role: worker"),
					"",
				].join("\n"),
			},
		],
		notes: [
			"nodes are containers of this machine; their number stays as it is",
			"it pulls no image of this machine: kind load docker-image IMAGE",
		],
	}),
} as const;

export type ProviderName = keyof typeof PROVIDERS;

/** A cluster of so many worker nodes, as commands; nothing is run. Fails with INVALID for a name that nobody takes. */
export function planCluster(
	provider: ProviderName,
	{ name, nodes, region }: Wish,
): ClusterPlan {
	// the shortest that the four take
	checkName("object", name);
	if (name.length > 40)
		throw fail(
			"INVALID",
			`cannot name a cluster ${name}: at most 40 characters are taken`,
		);
	if (region !== undefined && !/^[a-z][a-z0-9-]{1,40}$/.test(region))
		throw fail(
			"INVALID",
			`cannot use --region ${JSON.stringify(region)}: lower-case letters, digits and "-" are wanted, as us-central1`,
		);
	return { provider, ...PROVIDERS[provider]({ name, nodes, region }) };
}

/** As it would be typed. */
export function showStep({ program, args, input }: Step): string {
	const command = [program, ...args].join(" ");
	return input === undefined
		? command
		: `${command} <<EOF\n${input.trimEnd()}\nEOF`;
}

/** Runs the commands one after the other, each line of theirs told. Fails with NOT_READY at the first that does. */
export async function runPlan(
	{ steps }: ClusterPlan,
	{
		env,
		say,
		signal,
	}: {
		readonly env: Readonly<Record<string, string | undefined>>;
		readonly say: (line: string) => void;
		readonly signal: AbortSignal;
	},
): Promise<void> {
	for (const { program, args, input } of steps) {
		const run = execa(program, args, {
			env: env as Record<string, string>,
			extendEnv: false,
			...(input === undefined ? { stdin: "ignore" as const } : { input }),
			all: true,
			reject: false,
			cancelSignal: signal,
		});
		for await (const line of run.iterable({ from: "all" })) say(String(line));
		const { exitCode, code } = await run;
		if (code === "ENOENT")
			throw fail(
				"NOT_READY",
				`cannot make a cluster: ${program} is not on the PATH`,
				{ hint: `install ${program}, or run the commands where it is` },
			);
		if (exitCode !== 0)
			throw fail(
				"NOT_READY",
				`cannot make a cluster: ${program} ended with status ${exitCode ?? "of a signal"}`,
				{ hint: "what was made until then is still there, and may cost money" },
			);
	}
}

/** A region has several zones; the first of them. */
function zoneOf(region: string): string {
	return /-[a-z]$/.test(region) ? region : `${region}-a`;
}

function step(program: string, ...args: readonly string[]): Step {
	return { program, args };
}
