import { resolve } from "node:path";
import { fail } from "../../lib/errors.js";
import type { ModelsPlace } from "../../lib/repository/place.js";
import { ConfigFile } from "../../lib/serving/config/file.js";
import type {
	ModelConfig,
	ModelsConfig,
} from "../../lib/serving/config/models.js";
import type { Watch } from "../../lib/serving/watch.js";
import type { FlagValues } from "./flags.js";
import { configOf, modelsToServe } from "./models.js";
import type { ServeSettings } from "./settings.js";

/** What is to be served, and where that may change. */
export interface Configuration {
	readonly models: readonly ModelConfig[];
	/** The file of `--model_config_file`. */
	readonly file?: ConfigFile;
}

export interface ConfigurationSource {
	readonly paths: readonly string[];
	readonly flags: FlagValues;
	readonly settings: ServeSettings;
	readonly place: ModelsPlace;
	readonly watch: Pick<Watch, "applyConfig">;
	/** Hears what has no effect, and later why a change of the file is not taken over. */
	warn(message: string): void;
}

/** What the flags and paths, or the configuration file, say is to be served; fails with INVALID or NOT_FOUND. */
export function readConfiguration(source: ConfigurationSource): Configuration {
	const { paths, flags, settings, place } = source;
	if (!flags.model_config_file)
		return {
			models: modelsToServe(paths, flags, place).map((model) =>
				configOf(model, settings.policy),
			),
		};
	checkBeside(paths, flags);
	const file = openFile(source, flags.model_config_file);
	return { models: told(file.read(), source), file };
}

/** TensorFlow Serving passes over its flags for one model where there is a file. */
function checkBeside(paths: readonly string[], flags: FlagValues): void {
	const beside =
		paths[0] ?? (flags.versions === undefined ? undefined : "--versions");
	if (beside !== undefined)
		throw fail(
			"INVALID",
			`cannot use ${beside} beside --model_config_file: the file says which models and versions are served`,
		);
}

function openFile(source: ConfigurationSource, path: string): ConfigFile {
	const { settings, place, watch, warn } = source;
	return new ConfigFile({
		path: resolve(place.cwd, path),
		compat: settings.compat,
		apply: async (config) => {
			await watch.applyConfig(told(config, source));
		},
		trouble: (message) => warn(`${message}; what is served stays as it is`),
	});
}

/** The models of a configuration, its warnings being said. */
function told(
	{ models = [], warnings }: ModelsConfig,
	{ warn }: ConfigurationSource,
): readonly ModelConfig[] {
	for (const warning of warnings) warn(warning);
	return models;
}
