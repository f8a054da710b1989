import type { FlagValues } from "./flags.js";

/**
 * The flags that the entry point of TensorFlow Serving's image makes of its variables: `--model_name=$MODEL_NAME` and
 * `--model_base_path=$MODEL_BASE_PATH/$MODEL_NAME`, where one of them is set and the command line does not say otherwise.
 */
export function withImageVariables(
	flags: FlagValues,
	paths: readonly string[],
	env: Readonly<Record<string, string | undefined>>,
): FlagValues {
	const { MODEL_NAME: name, MODEL_BASE_PATH: folder } = env;
	if (!name && !folder) return flags;
	if (paths.length > 0 || flags.model_config_file) return flags;
	const base = folder || flags.models || DEFAULT_FOLDER;
	return {
		model_base_path: `${base}/${name || DEFAULT_NAME}`,
		model_name: name || DEFAULT_NAME,
		...flags,
	};
}

/** Those of the image (Dockerfile, tensorflow/serving). */
const DEFAULT_FOLDER = "/models";
const DEFAULT_NAME = "model";
