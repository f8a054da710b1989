import { dirname, relative, resolve } from "node:path";
import { modelFileAt } from "../lib/convert/sources/place.js";
import { findModels, type ModelEntry } from "../lib/repository/list.js";
import { type ModelsPlace, resolveModels } from "../lib/repository/place.js";

/** The models that an argument means. Has a lifetime: until `close`. */
export interface OpenedModels {
	readonly models: readonly ModelEntry[];
	/** As it was named, where it is no SavedModel: the models lie in a temporary folder then. */
	readonly path?: string;
	close(): void;
}

/** As `resolveModels`; a model in another form, as a Keras file, is made a SavedModel first. Fails as its reader does. */
export async function openModels(
	argument: string | undefined,
	place: ModelsPlace,
): Promise<OpenedModels> {
	const file =
		argument === undefined
			? undefined
			: modelFileAt(resolve(place.cwd, argument));
	if (file !== undefined) {
		const { openModelFile } = await import(
			"../lib/convert/sources/model-file.js"
		);
		const opened = await openModelFile(file);
		if (opened !== undefined)
			return {
				models: findModels(dirname(opened.dir)),
				path: relative(place.cwd, opened.path),
				close: opened.close,
			};
	}
	return { models: resolveModels(argument, place), close: () => undefined };
}
