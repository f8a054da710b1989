import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import {
	type FileSystemStoragePathSourceConfig_ServableVersionPolicy,
	type ModelConfig as ModelConfigMessage,
	type ModelServerConfig,
	ModelServerConfigSchema,
	ModelType,
} from "../../../gen/model_config_pb.js";
import { fail, type MlshipError } from "../../errors.js";
import type { Compat } from "../../tensor/json/source.js";
import type { VersionPolicy } from "../versions.js";
import { readConfigFile } from "./read.js";

/** A model as a configuration wants it. */
export interface ModelConfig {
	readonly name: string;
	/** The folder of its versions, absolute; nothing need be there yet. */
	readonly basePath: string;
	readonly policy: VersionPolicy;
	readonly labels: ReadonlyMap<string, bigint>;
}

/** What a ModelServerConfig asks for. */
export interface ModelsConfig {
	/** All models that are to be served; undefined for an empty configuration, which changes nothing. */
	readonly models: readonly ModelConfig[] | undefined;
	/** What is in the configuration and has no effect. */
	readonly warnings: readonly string[];
}

/** Reads the file of `--model_config_file`; fails as `readConfigFile` and `readModelServerConfig` do. */
export function readModelConfigFile(
	path: string,
	compat: Compat,
): ModelsConfig {
	return readModelServerConfig(
		readConfigFile(ModelServerConfigSchema, path),
		compat,
	);
}

/**
 * Checks a ModelServerConfig, from a file or of a reload, as a whole; strictly also what mlship can do without. Fails with INVALID in TensorFlow Serving's words
 * (server_core.cc), with UNSUPPORTED for models that are not on this machine.
 */
export function readModelServerConfig(
	{ config }: ModelServerConfig,
	compat: Compat,
): ModelsConfig {
	if (config.case === undefined) return { models: undefined, warnings: [] };
	// upstream ends the process here
	if (config.case === "customModelConfig")
		throw fail(
			"UNSUPPORTED",
			"cannot use custom_model_config: a model_config_list is wanted",
		);
	const listed = config.value.config;
	checkNames(listed);
	const models = listed.map((model) => readModel(model, compat));
	const warnings = listed
		.filter(({ loggingConfig }) => loggingConfig !== undefined)
		.map(
			({ name }) =>
				`logging_config of model ${name} has no effect: requests are not recorded`,
		);
	return { models, warnings };
}

function checkNames(models: readonly ModelConfigMessage[]): void {
	const names = new Set<string>();
	for (const { name } of models) {
		if (name === "")
			throw fail("INVALID", "cannot serve a model without a name");
		if (names.has(name))
			throw fail(
				"INVALID",
				`Illegal to list model ${name} multiple times in config list`,
			);
		names.add(name);
	}
}

function readModel(message: ModelConfigMessage, compat: Compat): ModelConfig {
	const { name, modelVersionPolicy, versionLabels, loggingConfig } = message;
	const basePath = readBasePath(message);
	checkPlatform(message);
	if (loggingConfig !== undefined && compat === "strict")
		throw fail("INVALID", "No request-logger-creator provided.");
	return {
		name,
		basePath,
		policy: readPolicy(modelVersionPolicy),
		labels: new Map(Object.entries(versionLabels)),
	};
}

function readBasePath({ name, basePath }: ModelConfigMessage): string {
	const [, scheme] = /^([A-Za-z][A-Za-z0-9.]*):\/\//.exec(basePath) ?? [];
	if (scheme === undefined) {
		if (isAbsolute(basePath)) return basePath;
		throw fail(
			"INVALID",
			`Expected model ${name} to have an absolute path or URI; got base_path()=${basePath}`,
		);
	}
	if (scheme.toLowerCase() !== "file") throw remotePath(name, basePath, scheme);
	try {
		return fileURLToPath(basePath);
	} catch (cause) {
		throw fail(
			"INVALID",
			`cannot use ${basePath} of model ${name}: ${(cause as Error).message}`,
			{ cause },
		);
	}
}

function remotePath(name: string, path: string, scheme: string): MlshipError {
	return fail(
		"UNSUPPORTED",
		`cannot serve model ${name} from ${path}: models are read from folders, not over ${scheme}`,
		{ hint: "copy or mount the models, and name that folder" },
	);
}

function checkPlatform(message: ModelConfigMessage): void {
	const { name, modelType, modelPlatform } = message;
	const isDeprecated = modelType !== ModelType.MODEL_TYPE_UNSPECIFIED;
	if (isDeprecated && modelPlatform !== "")
		throw fail(
			"INVALID",
			`Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform, model name is ${name}`,
		);
	const platform = isDeprecated
		? (PLATFORMS[modelType] ?? String(modelType))
		: modelPlatform;
	if (platform === "")
		throw fail(
			"INVALID",
			`Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is ${name}`,
		);
	if (platform !== "tensorflow")
		throw fail(
			"INVALID",
			`Model ${name} requests unsupported platform ${platform}`,
		);
}

/** By number, as an unknown one may stand in a message. */
const PLATFORMS: Readonly<Record<number, string>> = {
	[ModelType.TENSORFLOW]: "tensorflow",
	[ModelType.OTHER]: "other",
};

/** Without one the latest version; `num_versions: 0` is 1 (file_system_storage_path_source.cc). */
function readPolicy(
	message: FileSystemStoragePathSourceConfig_ServableVersionPolicy | undefined,
): VersionPolicy {
	const choice = message?.policyChoice;
	switch (choice?.case) {
		case "all":
			return "all";
		case "specific":
			return { specific: choice.value.versions };
		case "latest":
			return { latest: Math.max(1, choice.value.numVersions) };
		default:
			return { latest: 1 };
	}
}
