import { type ModelEntry, withVersion } from "../repository/list.js";
import { readRelease } from "../repository/release.js";
import {
	candidatesOf,
	countOf,
	parseVersionPolicy,
} from "../serving/versions.js";

/**
 * The versions of models that are deployed, chosen as `mlship serve` would: the latest two, or what `text` says, and those
 * that labels and splits name; of a version that was named, that one. Fails with INVALID for a text that says nothing.
 */
export async function chosenVersions(
	models: readonly ModelEntry[],
	text = "2",
): Promise<ModelEntry[]> {
	const policy = parseVersionPolicy(text);
	return Promise.all(
		models.map(async (model) => {
			if (model.only) return model;
			const { labels, split } = await readRelease(model.dir);
			const named = new Set([
				...labels.values(),
				...(split?.shares ?? []).map(({ version }) => version),
				...candidatesOf(model.versions, policy)
					.slice(0, countOf(policy))
					.map(({ version }) => version),
			]);
			const versions = model.versions.filter(({ version }) =>
				named.has(version),
			);
			if (versions.length === 0) return withVersion(model, text);
			return { ...model, versions };
		}),
	);
}
