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
