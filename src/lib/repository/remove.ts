import { join } from "node:path";
import { fail } from "../errors.js";
import { DISK, removeQuietly } from "../formats/disk.js";
import { type HeldModel, hold, signed } from "./change.js";
import type { HistoryEntry } from "./history.js";
import { passingName } from "./leftovers.js";
import { findVersion, type VersionEntry } from "./list.js";
import { type ChangeOptions, changeRepository } from "./repository.js";
import { writeState } from "./state.js";

/** The version that may go. Fails with MISMATCH where requests or a label go there, with NOT_FOUND. */
export function removable(
	{ model, state, routing }: HeldModel,
	text: string,
): VersionEntry {
	const entry = findVersion(model, text);
	const { version } = entry;
	const labels = [...state.labels]
		.filter(([, pointed]) => pointed === version)
		.map(([label]) => `label ${label} points to it`);
	const percent = routing.traffic.get(version) ?? 0;
	const reasons = [
		...(percent > 0 ? [`it gets ${percent} % of the requests`] : []),
		...labels,
	];
	if (reasons.length > 0)
		throw fail(
			"MISMATCH",
			`cannot remove version ${version} of model "${model.name}": ${reasons.join(", ")}`,
			{
				hint:
					percent > 0
						? `send the requests elsewhere first: mlship version promote ${model.name}@VERSION`
						: `take the label away first: mlship version label ${model.name} LABEL --remove`,
				at: { model: model.name },
			},
		);
	return entry;
}

/** Takes a version out of a model in one step, then deletes it. Fails as `removable` does. */
export async function removeVersion(
	dir: string,
	text: string,
	options: ChangeOptions,
): Promise<HistoryEntry> {
	const { disk = DISK } = options;
	const hidden = join(dir, passingName("removed"));
	const entry = await changeRepository(dir, options, () => {
		const held = hold(dir);
		const { version, dir: folder } = removable(held, text);
		const removed = signed({ action: "remove", version }, options);
		disk.rename(folder, hidden);
		disk.sync(dir);
		const digests = new Map(held.state.digests);
		digests.delete(version);
		writeState(disk, dir, {
			...held.state,
			digests,
			history: [...held.state.history, removed],
		});
		return removed;
	});
	removeQuietly(disk, hidden);
	return entry;
}
