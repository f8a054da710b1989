import { checkObjects, diffObjects } from "../../../lib/deploy/k8s/apply.js";
import { promoteCanary, startCanary } from "../../../lib/deploy/k8s/canary.js";
import {
	type Deployed,
	type DeployOptions,
	deployService,
	surveyed,
} from "../../../lib/deploy/k8s/deploy.js";
import { type Cluster, connect } from "../../../lib/deploy/k8s/kubectl.js";
import { manifestsOf } from "../../../lib/deploy/k8s/manifests.js";
import { nameOf } from "../../../lib/deploy/k8s/object.js";
import { stamped } from "../../../lib/deploy/k8s/releases.js";
import { readCounts } from "../../../lib/deploy/k8s/request.js";
import { rollBack } from "../../../lib/deploy/k8s/rollback.js";
import { type Service, showModels } from "../../../lib/deploy/k8s/service.js";
import { writeRecord } from "../../../lib/deploy/record.js";
import { type CommandContext, ReportedFailure } from "../../context.js";
import { duration } from "../../readers.js";
import { deployedJson, showDeployed } from "../../ui/deploy-k8s.js";
import { colourWanted, styleFor } from "../../ui/style.js";
import type { K8sCommandOptions } from "../k8s.js";
import { tell } from "./notes.js";
import { plannedService, plannedTrial, targetService } from "./planned.js";

/** What is done to each cluster in turn. */
interface Deed {
	/** For `MLSHIP_OUTPUT_FILE`. */
	readonly type: string;
	run(cluster: Cluster, options: DeployOptions): Promise<Deployed>;
	/** As far as it is known before a cluster is asked. */
	readonly service: Service;
}

type Plan = (
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
) => Promise<Deed>;

/** THE table of what is done to clusters. */
const DEEDS = {
	apply: async (path, options, context) => {
		const { service } = await plannedService(path, options, context);
		return {
			type: "apply",
			service,
			run: (cluster, how) => deployService(cluster, service, how),
		};
	},
	canary: async (path, options, context) => {
		const trial = await plannedTrial(path, options, context);
		return {
			type: "canary",
			service: trial.wanted,
			run: (cluster, how) => startCanary(cluster, trial, how),
		};
	},
	promote: async (path, options, context) => {
		const service = targetService(path, options, context);
		return {
			type: "promote",
			service,
			run: (cluster, how) => promoteCanary(cluster, service, how),
		};
	},
	rollback: async (path, options, context) => {
		const service = targetService(path, options, context);
		return {
			type: "rollback",
			service,
			run: (cluster, how) => rollBack(cluster, service, how),
		};
	},
} as const satisfies Record<string, Plan>;

export type DeedName = keyof typeof DEEDS;

/**
 * Does it in every cluster that was named, one after the other: all are looked at before the first is touched, and where one
 * fails the next are left alone.
 */
export async function changeClusters(
	name: DeedName,
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<void> {
	const deed = await DEEDS[name](path, options, context);
	const clusters = clustersOf(options, context);
	const how = settingsOf(options, context);
	if (clusters.length > 1)
		for (const cluster of clusters) await surveyed(cluster, deed.service, how);
	const done: Deployed[] = [];
	const style = styleFor(colourWanted(context, options, "stdout"));
	try {
		for (const cluster of clusters) {
			const deployed = await deed.run(cluster, how);
			done.push(deployed);
			writeRecord({ type: deed.type, ...deployedJson(deployed) }, context);
			if (!options.json) context.stdout(showDeployed(deployed, options, style));
		}
	} catch (error) {
		const rest = clusters.slice(done.length + 1);
		if (done.length > 0 && !options.quiet)
			context.stderr(
				`note: done in ${done.map(({ context: one }) => one).join(", ")}${rest.length === 0 ? "" : `; not tried in ${rest.map(({ context: one }) => one).join(", ")}`}\n`,
			);
		throw error;
	}
	if (options.json)
		context.stdout(`${JSON.stringify({ clusters: done.map(deployedJson) })}\n`);
}

/** `--dry-run=server`: the cluster checks all objects, and changes nothing. */
export async function checkInClusters(
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { service: wanted } = await plannedService(path, options, context);
	const how = settingsOf(options, context);
	const checked: Record<string, unknown>[] = [];
	for (const cluster of clustersOf(options, context)) {
		const { state, service } = await surveyed(cluster, wanted, how);
		const objects = manifestsOf(service);
		const hasNamespace = state.namespace !== "absent";
		const warnings = await checkObjects(cluster, objects, {
			force: options.forceConflicts,
			hasNamespace,
		});
		const names = objects.map(nameOf);
		checked.push({ context: cluster.context, objects: names, warnings });
		if (options.json) continue;
		for (const text of warnings)
			how.note({ check: "manifests", status: "warning", text });
		if (!hasNamespace && !options.quiet)
			context.stderr(
				`note: namespace ${service.namespace} is not there yet: its objects were checked in default\n`,
			);
		context.stdout(
			`${names.map((one) => `${one} would be applied`).join("\n")}\n`,
		);
	}
	if (options.json)
		context.stdout(`${JSON.stringify({ clusters: checked })}\n`);
}

/** `--diff`: what would change; status 8 where anything would. */
export async function diffClusters(
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { service: wanted } = await plannedService(path, options, context);
	const how = settingsOf(options, context);
	const found: { context: string | undefined; diff: string }[] = [];
	for (const cluster of clustersOf(options, context)) {
		const { service, releases, nextId } = await surveyed(cluster, wanted, how);
		// the number of the release that is there is no difference
		const made = manifestsOf(service, releases[0]?.canary);
		const objects = stamped(made, nextId - 1);
		const diff = await diffObjects(cluster, objects, {
			force: options.forceConflicts,
		});
		found.push({ context: cluster.context, diff });
		if (!options.json) context.stdout(diff);
	}
	const differs = found.some(({ diff }) => diff !== "");
	if (options.json)
		context.stdout(`${JSON.stringify({ differs, clusters: found })}\n`);
	else if (!differs && !options.quiet)
		context.stderr(
			`${wanted.name} is as it would be: ${showModels(wanted.models)}\n`,
		);
	if (differs) throw new ReportedFailure("MISMATCH");
}

function clustersOf(
	{ context: names = [] }: K8sCommandOptions,
	{ env, cwd, signal }: CommandContext,
): Cluster[] {
	const wanted = names.length === 0 ? [undefined] : [...new Set(names)];
	return wanted.map((context) => connect({ context, env, cwd, signal }));
}

function settingsOf(
	options: K8sCommandOptions,
	context: CommandContext,
): DeployOptions {
	const { strict, forceConflicts, timeout, quiet, json } = options;
	return {
		nodes: readCounts(options).nodes,
		strict,
		force: forceConflicts,
		timeout: timeout === undefined ? undefined : duration(timeout, "--timeout"),
		signal: context.signal,
		say: (line) => {
			if (!quiet && !json) context.stderr(`${line}\n`);
		},
		note: ({ text, hint }) =>
			tell([hint === undefined ? text : `${text}; ${hint}`], options, context),
	};
}
