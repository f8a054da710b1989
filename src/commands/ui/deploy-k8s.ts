import type { Deployed } from "../../lib/deploy/k8s/deploy.js";
import { type Service, showModels } from "../../lib/deploy/k8s/service.js";
import type { GlobalOptions } from "../context.js";
import { showNumberOf } from "./quantity.js";
import type { Style } from "./style.js";

export interface ShownManifests {
	/** As a user would type it. */
	readonly dir: string;
	readonly files: readonly string[];
	/** Overlays that were there before. */
	readonly kept: readonly string[];
	readonly service: Service;
}

/** Which files were written, what is in them, what to type next. */
export function showWritten(
	{ dir, files, kept, service }: ShownManifests,
	options: GlobalOptions,
	style: Style,
): string {
	const lines = [
		...showService(service, style),
		"",
		...files.map((file) => `  ${dir}/${file}`),
		...kept.map((file) => style.faint(`  ${dir}/${file} was there and stays`)),
	];
	const hint = options.quiet
		? []
		: [
				"",
				style.hint(
					`next: kubectl apply --server-side -k ${dir}/overlays/production`,
				),
			];
	return [...lines, ...hint, ""].join("\n");
}

/** What is to run, in two lines. */
export function showService(service: Service, style: Style): string[] {
	const { name, namespace, replicas, maxReplicas, image, models } = service;
	const more = maxReplicas > replicas ? `, up to ${maxReplicas}` : "";
	return [
		`${style.title(name)} in namespace ${namespace}: ${showModels(models).replaceAll(",", ", ")}`,
		`  ${style.faint(`${image} · ${showNumberOf(replicas, "replica")}${more}`)}`,
	];
}

export function showNotes(notes: readonly string[], style: Style): string {
	return notes.map((note) => `${style.hint("note:")} ${note}\n`).join("");
}

/** What was done in a cluster, and how to ask what runs there. */
export function showDeployed(
	deployed: Deployed,
	options: GlobalOptions,
	style: Style,
): string {
	const { context, service, release, canary, nodes, address, deleted } =
		deployed;
	const { name, namespace, models } = service;
	const what =
		canary === undefined
			? `release ${release}`
			: `canary with ${canary.percent} % of the requests`;
	const where = context === undefined ? "" : ` in ${context}`;
	const lines = [
		`${style.title(name)} ${what}${where}: ${showModels(models).replaceAll(",", ", ")}`,
		`  ${style.faint(service.image)}`,
		...(nodes.length === 0 ? [] : [`  ${showPlaces(nodes)}`]),
		...(deleted.length === 0 ? [] : [`  deleted ${deleted.join(", ")}`]),
	];
	const model = models[0]?.name ?? name;
	const url = (host: string) => `http://${host}:8501/v1/models/${model}`;
	const hint =
		options.quiet || canary !== undefined
			? []
			: address !== undefined
				? [style.hint(`next: curl ${url(address)}`)]
				: [
						style.hint(
							`next: kubectl --namespace ${namespace} port-forward service/${name} 8501, then curl ${url("localhost")}`,
						),
					];
	return [...lines, ...hint, ""].join("\n");
}

/** `5 replicas on 5 nodes: node-1, node-2 …`. */
function showPlaces(nodes: readonly string[]): string {
	const different = [...new Set(nodes)].sort();
	return `${showNumberOf(nodes.length, "replica")} on ${showNumberOf(different.length, "node")}: ${different.join(", ")}`;
}

/** What scripts read of it. */
export function deployedJson(
	deployed: Deployed,
): Readonly<Record<string, unknown>> {
	const { context, service, release, canary, nodes, address } = deployed;
	const { name, namespace, image, models, replicas, maxReplicas } = service;
	return {
		context: context ?? null,
		name,
		namespace,
		image,
		models,
		release,
		replicas,
		maxReplicas,
		...(canary !== undefined && { canary: { percent: canary.percent } }),
		nodes,
		address: address ?? null,
		applied: deployed.applied,
		deleted: deployed.deleted,
	};
}
