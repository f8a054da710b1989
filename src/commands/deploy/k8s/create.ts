import {
	type ProviderName,
	planCluster,
	runPlan,
	showStep,
} from "../../../lib/deploy/k8s/new-cluster.js";
import { readCounts } from "../../../lib/deploy/k8s/request.js";
import { writeRecord } from "../../../lib/deploy/record.js";
import type { CommandContext } from "../../context.js";
import type { K8sCommandOptions } from "../k8s.js";
import { tell } from "./notes.js";

/** Prints the commands that would make a cluster; runs them with `--yes` alone, as they may cost money. */
export async function createCluster(
	_: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { nodes = 3 } = readCounts(options);
	const plan = planCluster(options.createCluster as ProviderName, {
		name: options.clusterName ?? "mlship",
		nodes,
		region: options.region,
	});
	const commands = plan.steps.map(showStep);
	const isRun = options.yes === true;
	if (!options.json) {
		tell(plan.notes, options, context);
		context.stdout(`${commands.join("\n")}\n`);
		if (!isRun && !options.quiet)
			context.stderr("nothing was run: add --yes for that\n");
	}
	if (isRun) {
		await runPlan(plan, {
			env: context.env,
			signal: context.signal,
			say: (line) => {
				if (!options.quiet && !options.json) context.stderr(`${line}\n`);
			},
		});
		writeRecord(
			{ type: "cluster", provider: plan.provider, nodes, commands },
			context,
		);
	}
	if (options.json)
		context.stdout(
			`${JSON.stringify({ provider: plan.provider, nodes, commands, notes: plan.notes, done: isRun })}\n`,
		);
}
