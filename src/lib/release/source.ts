import { dirname, join, resolve } from "node:path";
import { openModelFile } from "../convert/sources/model-file.js";
import { modelFileAt, modelFileName } from "../convert/sources/place.js";
import { fail } from "../errors.js";
import type { Disk } from "../formats/disk.js";
import { isFolder, statPath } from "../formats/file.js";
import { isOnnxName, ONNX_FILE, onnxModelName } from "../onnx/file.js";
import { readOnnx } from "../onnx/read.js";
import { type CopyOptions, copyFile, copyFolder } from "../repository/copy.js";
import { findModels } from "../repository/list.js";

/** What becomes a version. */
export interface Source {
	/** What a model of it is called where nobody says. */
	readonly name: string;
	/** Fills a folder that is not there yet. */
	fill(disk: Disk, folder: string, options: CopyOptions): Promise<void> | void;
}

/**
 * A SavedModel or a folder with a `model.onnx`, a model's folder with one version, an ONNX file, or what becomes a
 * SavedModel: what Keras wrote, models of TensorFlow.js, frozen graphs. Fails with NOT_FOUND, or with INVALID where it is
 * none of them.
 */
export function sourceAt(path: string): Source {
	const place = resolve(path);
	if (statPath(place) === undefined)
		throw fail("NOT_FOUND", `cannot add ${path}: no such file or folder`, {
			at: { path: place },
		});
	const other = modelFileAt(place);
	if (other !== undefined) return madeSource(other);
	if (isFolder(place)) return folderSource(path, place);
	if (isOnnxName(place)) return onnxSource(place);
	throw unknownForm(place);
}

function unknownForm(path: string) {
	return fail(
		"INVALID",
		`cannot add ${path}: a SavedModel's folder, or a .onnx, .keras, .h5, model.json or .pb file is wanted`,
		{ at: { path } },
	);
}

function folderSource(path: string, place: string): Source {
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

/** What is made for it is nobody else's: links to it would be of no use. */
function madeSource(path: string): Source {
	return {
		name: modelFileName(path),
		fill: async (disk, folder) => {
			const made = await openModelFile(path);
			if (made === undefined) throw unknownForm(path);
			try {
				copyFolder(disk, made.dir, folder);
			} finally {
				made.close();
			}
		},
	};
}
