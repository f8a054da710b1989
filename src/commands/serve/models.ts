import { basename, resolve } from "node:path";
import { fail } from "../../lib/errors.js";
import {
	findModels,
	type ModelEntry,
	withVersion,
} from "../../lib/repository/list.js";
import { type ModelsPlace, resolveModels } from "../../lib/repository/place.js";
import type { ModelConfig } from "../../lib/serving/config/models.js";
import {
	candidatesOf,
	countOf,
	type VersionPolicy,
} from "../../lib/serving/versions.js";
import type { FlagValues } from "./flags.js";

/** The models that the paths mean, or those of TensorFlow Serving's two flags; fails with NOT_FOUND or INVALID. */
export function modelsToServe(
	paths: readonly string[],
	flags: FlagValues,
	place: ModelsPlace,
): ModelEntry[] {
	const { model_name: modelName, model_base_path: modelBasePath } = flags;
	if (modelBasePath !== undefined)
		return [baseModel(modelBasePath, modelName, paths, place)];
	const found =
		paths.length === 0
			? resolveModels(undefined, place)
			: paths.flatMap((path) => resolveModels(path, place));
	const models = mergedByFolder(found);
	if (modelName === undefined) return uniqueNames(models);
	if (models.length > 1)
		throw fail(
			"INVALID",
			`cannot name ${models.length} models "${modelName}": a path to one model is wanted`,
		);
	return [{ ...models[0], name: modelName }];
}

/** What is served of a model. Fails with NOT_FOUND where a version is asked for that is not there. */
export function configOf(
	model: ModelEntry,
	policy: VersionPolicy,
): ModelConfig {
	const { name, dir, versions, only } = model;
	if (policy !== "all" && "specific" in policy)
		for (const version of policy.specific) withVersion(model, String(version));
	const named = candidatesOf(versions, policy).slice(0, countOf(policy));
	return {
		name,
		basePath: dir,
		policy: only ? { specific: named.map(({ version }) => version) } : policy,
		labels: new Map(),
	};
}

/** The name that TensorFlow Serving gives to a model without one. */
const DEFAULT_NAME = "default";

function baseModel(
	path: string,
	name = DEFAULT_NAME,
	paths: readonly string[],
	{ cwd }: ModelsPlace,
): ModelEntry {
	if (paths.length > 0)
		throw fail(
			"INVALID",
			`cannot serve both ${paths[0]} and --model_base_path: one of the two is wanted`,
		);
	const models = findModels(resolve(cwd, path));
	if (models.length > 1)
		throw fail(
			"INVALID",
			`cannot serve ${path} as one model: it holds ${models.length}, ${models.map((model) => model.name).join(", ")}`,
			{ hint: `run mlship serve ${path} to serve them all` },
		);
	return { ...models[0], name };
}

/** `digits@1 digits@2` is one model with two versions. */
function mergedByFolder(models: readonly ModelEntry[]): ModelEntry[] {
	const merged = new Map<string, ModelEntry>();
	for (const model of models) {
		const known = merged.get(model.dir);
		const versions = [...(known?.versions ?? []), ...model.versions];
		const unique = new Map(versions.map((entry) => [entry.version, entry]));
		merged.set(model.dir, {
			...model,
			only: model.only === true && (known?.only ?? true),
			versions: [...unique.values()].sort((a, b) =>
				a.version < b.version ? -1 : 1,
			),
		});
	}
	return [...merged.values()];
}

function uniqueNames(models: ModelEntry[]): ModelEntry[] {
	for (const [i, model] of models.entries()) {
		const other = models.slice(0, i).find(({ name }) => name === model.name);
		if (other !== undefined)
			throw fail(
				"INVALID",
				`cannot serve two models named "${model.name}": ${other.dir} and ${model.dir}`,
				{
					hint: `rename a folder ${basename(model.dir)}, or serve it by itself`,
				},
			);
	}
	return models;
}
