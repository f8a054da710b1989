import { join } from "node:path";
import { fail } from "../../errors.js";
import { isFile, readWhole } from "../../formats/file.js";
import type { TarEntry } from "../../formats/tar.js";
import { MAX_RELEASE_BYTES, RELEASE_FILE } from "../../repository/release.js";
import type { DeployedModel } from "../models.js";
import { BASES, type RuntimeName } from "./base.js";
import { writeDockerfile } from "./dockerfile.js";
import { ownPackage } from "./installation.js";
import { imageLabels } from "./labels.js";
import { type ImageLayer, type LayerFile, layerEntries } from "./layer.js";
import type { Platform } from "./platform.js";
import {
	readTemplate,
	type ServerLayers,
	serverLayers,
} from "./server-layers.js";
import { tfsConfig } from "./tfs.js";

/** All that an image is built of. */
export interface BuildContext {
	readonly dockerfile: string;
	readonly base: string;
	/** In the order of the Dockerfile. */
	readonly layers: readonly ImageLayer[];
	readonly labels: ReadonlyMap<string, string>;
	readonly warnings: readonly string[];
}

export interface ContextSettings {
	readonly runtime: RuntimeName;
	/** In the place of ours. */
	readonly base?: string | undefined;
	readonly platform: Platform;
	/** Whether the daemon can run what it builds. */
	readonly isChecked: boolean;
	/** Settings of the server, as mlship.config.json has them. */
	readonly settings?: Readonly<Record<string, unknown>> | undefined;
	/** What is told besides of what the image lacks. */
	readonly warnings?: readonly string[] | undefined;
}

/** Plans an image of models: server layers first, a layer a version, configuration last. Reads files, writes none. */
export async function buildContext(
	models: readonly DeployedModel[],
	{
		runtime,
		base = BASES[runtime],
		platform,
		isChecked,
		settings = {},
		warnings = [],
	}: ContextSettings,
): Promise<BuildContext> {
	const { version } = ownPackage();
	const server: ServerLayers =
		runtime === "mlship"
			? serverLayers(platform)
			: { layers: [], warnings: [] };
	const versions = models.flatMap(versionLayers);
	const config = await CONFIGS[runtime](models, settings);
	const labels = imageLabels(models, { version, base, runtime });
	const dockerfile = writeDockerfile(runtime, {
		version,
		base,
		server: server.layers,
		isChecked,
		versions,
		labels,
		models: models.map(({ name }) => name),
	});
	return {
		dockerfile,
		base,
		layers: [
			...server.layers,
			...versions,
			{ folder: "config", title: "configuration", files: config.files },
		],
		labels,
		warnings: [...warnings, ...server.warnings, ...config.warnings],
	};
}

function versionLayers({ name, versions }: DeployedModel): ImageLayer[] {
	return versions.map(({ version, files }) => ({
		folder: `versions/${name}/${version}`,
		title: `${name} ${version}`,
		files: files.map((file) => ({
			name: `models/${name}/${version}/${file.name}`,
			content: { path: file.path, byteLength: file.byteLength },
		})),
	}));
}

interface Config {
	readonly files: readonly LayerFile[];
	readonly warnings: readonly string[];
}

/** What the last layer holds, by what serves. */
const CONFIGS: Readonly<
	Record<
		RuntimeName,
		(
			models: readonly DeployedModel[],
			settings: Readonly<Record<string, unknown>>,
		) => Config | Promise<Config>
	>
> = {
	mlship: (models, settings) => ({
		files: [
			{
				name: "config/mlship.config.json",
				content: Buffer.from(`${JSON.stringify(settings, undefined, "\t")}\n`),
			},
			...models.flatMap(releaseFile),
		],
		warnings: [],
	}),
	tfs: async (models) => {
		const { files, warnings } = await tfsConfig(models);
		const check = {
			name: "config/healthcheck.sh",
			content: readTemplate("healthcheck.sh"),
		};
		return { files: [...files, check], warnings };
	},
};

/** Labels and splits of a model. */
function releaseFile({ name, dir }: DeployedModel): LayerFile[] {
	const path = join(dir, RELEASE_FILE);
	return isFile(path)
		? [
				{
					name: `models/${name}/${RELEASE_FILE}`,
					content: readWhole(path, MAX_RELEASE_BYTES),
				},
			]
		: [];
}

/** The whole context as entries of an archive. Fails with INVALID where two files would be one. */
export function contextEntries({
	dockerfile,
	layers,
}: BuildContext): TarEntry[] {
	const entries = [
		{ name: "Dockerfile", content: Buffer.from(dockerfile), mode: 0o644 },
		{ name: ".dockerignore", content: IGNORE, mode: 0o644 },
		...layers.flatMap(layerEntries),
	];
	const names = new Set<string>();
	for (const { name } of entries) {
		if (names.has(name))
			throw fail(
				"INVALID",
				`cannot make an image: ${name} would be there twice`,
			);
		names.add(name);
	}
	return entries;
}

/** Nothing that comes to lie in the folder gets into an image. */
const IGNORE = Buffer.from("*\n!server\n!versions\n!config\n");
