import { join, resolve } from "node:path";
import { fail, MlshipError } from "../errors.js";
import { isFolder, statPath } from "../formats/file.js";
import { isModelFile } from "../savedmodel/absence.js";
import { findModel, findModels, type ModelEntry, withVersion } from "./list.js";
import { parseReference } from "./reference.js";

/** What decides where models come from when a command is given no path. */
export interface ModelsPlace {
	readonly cwd: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** `--models DIR`. */
	readonly models?: string | undefined;
}

/** `--models`, else MLSHIP_MODELS, else `./models` if there is one, else the current folder; absolute. */
export function defaultModelsPath({ cwd, env, models }: ModelsPlace): string {
	const named = models ?? env.MLSHIP_MODELS;
	if (named !== undefined && named !== "") return resolve(cwd, named);
	const usual = join(cwd, "models");
	return isFolder(usual) ? usual : cwd;
}

/**
 * The models that an argument means: a path, a path with a version (`./models/digits@2`), a model of the default place
 * (`digits`, `digits@2`), or without an argument all models of that place. Fails with NOT_FOUND.
 */
export function resolveModels(
	argument: string | undefined,
	place: ModelsPlace,
): ModelEntry[] {
	if (argument === undefined) return findModels(defaultModelsPath(place));
	const path = resolve(place.cwd, argument);
	if (statPath(path) !== undefined) return findModels(path);
	const { name, version } = parseReference(argument);
	const folder = resolve(place.cwd, name);
	if (version !== undefined && isFolder(folder))
		return findModels(folder).map((model) => withVersion(model, version));
	if (/[\\/]/.test(argument) || isModelFile(argument)) return findModels(path);
	return [findModel(modelsOrNone(place), argument)];
}

/** A wrong name is the news then, not the empty place. */
function modelsOrNone(place: ModelsPlace): ModelEntry[] {
	try {
		return findModels(defaultModelsPath(place));
	} catch (error) {
		if (error instanceof MlshipError && error.code === "NOT_FOUND") return [];
		throw error;
	}
}

/** A model, and what of it is meant. */
export interface NamedModel {
	/** With all of its versions. */
	readonly model: ModelEntry;
	/** A number or a label; undefined where none is named. */
	readonly version: string | undefined;
}

/**
 * The model that an argument means, as `resolveModels` reads it, whatever version it names. Without one the only model of
 * the default place. Fails with NOT_FOUND, with INVALID for several.
 */
export function resolveModel(
	argument: string | undefined,
	place: ModelsPlace,
): NamedModel {
	const { name, version } = parseReference(argument ?? "");
	const isPath =
		argument !== undefined &&
		statPath(resolve(place.cwd, argument)) !== undefined;
	const models = resolveModels(
		isPath || version === undefined ? argument : name,
		place,
	);
	if (models.length > 1)
		throw fail(
			"INVALID",
			`cannot take ${models.length} models: ${models.map((model) => model.name).join(", ")} are there, one is wanted`,
			{ hint: `name one, as ${models[0].name}` },
		);
	const [model] = models;
	if (model.only !== true)
		return { model, version: isPath ? undefined : version };
	// a folder of one version: its model is around it
	return {
		model: { ...findModels(model.dir)[0], dir: model.dir },
		version: String(model.versions[0].version),
	};
}
