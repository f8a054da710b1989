import type { Added } from "../../../lib/release/add.js";
import { historyJson } from "../../../lib/repository/history.js";
import type { GlobalOptions } from "../../context.js";
import type { Style } from "../style.js";

/** What was added and where, and what to type next. */
export function showAdded(
	model: string,
	place: string,
	{ version, works, pinned }: Added,
	options: GlobalOptions,
	style: Style,
): string {
	const refused = [...(works?.refused ?? [])].map(
		([key, { message }]) => `  ${style.error("cannot run")} ${key}: ${message}`,
	);
	const lines = [
		`${style.title(model)} ${version}`,
		`  ${style.faint(`${place} · ${works === undefined ? "not tried" : `runs ${works.signatures.join(", ") || "no signature"}`}`)}`,
		...refused,
		...(pinned
			? [
					`  ${style.faint("requests go to the version before as they did; this one gets none yet")}`,
				]
			: []),
	];
	const hint = options.quiet
		? []
		: [style.hint(`next: mlship version promote ${model}@${version}`)];
	return [...lines, ...hint, ""].join("\n");
}

export function addedJson(
	model: string,
	{ version, dir, works, entry, pinned }: Added,
): Record<string, unknown> {
	return {
		model,
		version: String(version),
		dir,
		signatures: works?.signatures ?? [],
		refused: Object.fromEntries(
			[...(works?.refused ?? [])].map(([key, { message }]) => [key, message]),
		),
		pinned,
		entry: historyJson(entry),
	};
}
