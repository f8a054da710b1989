import { basename, dirname, join, resolve } from "node:path";
import { fail } from "../errors.js";
import type { Disk } from "../formats/disk.js";
import { isFile, isFolder, statPath } from "../formats/file.js";
import { exportNetwork } from "../keras/export.js";
import { openKerasFile } from "../keras/open.js";
import { isOnnxName, ONNX_FILE, onnxModelName } from "../onnx/file.js";
import { readOnnx } from "../onnx/read.js";
import { type CopyOptions, copyFile, copyFolder } from "../repository/copy.js";
import { findModels } from "../repository/list.js";
import { listFiles } from "../repository/manifest.js";
import { writeSavedModel } from "../savedmodel/write/model.js";

/** What becomes a version. */
export interface Source {
	/** What a model of it is called where nobody says. */
	readonly name: string;
	/** Fills a folder that is not there yet. */
	fill(disk: Disk, folder: string, options: CopyOptions): Promise<void> | void;
}

/**
 * A SavedModel or a folder with a `model.onnx`, a model's folder with one version, an ONNX file, or what Keras wrote.
 * Fails with NOT_FOUND, or with INVALID where it is none of them.
 */
export function sourceAt(path: string): Source {
	const place = resolve(path);
	if (statPath(place) === undefined)
		throw fail("NOT_FOUND", `cannot add ${path}: no such file or folder`, {
			at: { path: place },
		});
	if (isFolder(place)) return folderSource(path, place);
	return isOnnxName(place) ? onnxSource(place) : kerasSource(place);
}

function folderSource(path: string, place: string): Source {
	// layers models of TensorFlow.js are folders with a model.json
	const layers = join(place, "model.json");
	if (isFile(layers) && !isFile(join(place, "saved_model.pb")))
		return kerasSource(layers);
	const models = findModels(place);
	const versions = models.flatMap((model) => model.versions);
	if (versions.length !== 1)
		throw fail(
			"INVALID",
			`cannot add ${path}: it holds ${models.length > 1 ? `models ${models.map(({ name }) => name).join(", ")}` : `versions ${versions.map(({ version }) => version).join(", ")}`}, one version is wanted`,
			{ hint: `name one, as ${join(path, String(versions[0].version))}` },
		);
	const [{ dir }] = versions;
	return {
		name: models[0].name,
		fill: (disk, folder, options) => copyFolder(disk, dir, folder, options),
	};
}

function onnxSource(path: string): Source {
	return {
		name: onnxModelName(path),
		fill: (disk, folder, options) => {
			const { external } = readOnnx(path);
			disk.makeFolder(folder);
			copyFile(disk, path, join(folder, ONNX_FILE), options);
			for (const weights of external) {
				const target = join(folder, weights.location);
				disk.makeFolder(dirname(target));
				copyFile(disk, weights.path, target, options);
			}
			disk.sync(folder);
		},
	};
}

/** `digits.keras`; a layers model has the name of its folder. */
function kerasSource(path: string): Source {
	const name = basename(path);
	return {
		name: /\.json$/i.test(name)
			? basename(dirname(path))
			: name.replace(/\.(keras|h5|hdf5)$/i, ""),
		fill: async (disk, folder) => {
			const file = await openKerasFile(path);
			try {
				const { graph } = exportNetwork(file, {});
				disk.makeFolder(folder);
				writeSavedModel(folder, graph);
				for (const written of listFiles(folder))
					disk.sync(join(folder, written));
				disk.sync(folder);
			} finally {
				file.close();
			}
		},
	};
}
