import { fail } from "../errors.js";
import { isFolder, readRange, statPath } from "../formats/file.js";
import { isHdf5 } from "../formats/hdf5.js";
import type { KerasFile } from "./files/file.js";

export type { KerasFile } from "./files/file.js";

const ZIP = [0x50, 0x4b];
const HEAD_BYTES = 8;

/**
 * Opens a network that Keras or TensorFlow.js wrote, whatever the file's name: `.keras`, `.h5`, `model.json`. Fails with
 * INVALID where it is none of them.
 */
export async function openKerasFile(path: string): Promise<KerasFile> {
	const stat = statPath(path);
	if (stat === undefined)
		throw fail("NOT_FOUND", `cannot open ${path}: no such file or folder`, {
			at: { file: path },
		});
	if (isFolder(path))
		throw fail(
			"INVALID",
			`cannot export ${path}: it is a folder, a .keras, .h5 or model.json file was wanted`,
			{ at: { file: path } },
		);
	const head = readRange(path, 0, Math.min(stat.size, HEAD_BYTES));
	if (isHdf5(head)) {
		const { openHdf5Model } = await import("./files/hdf5-model.js");
		return openHdf5Model(path);
	}
	if (ZIP.every((byte, i) => head[i] === byte)) {
		const { openKerasArchive } = await import("./files/archive.js");
		return openKerasArchive(path);
	}
	if (/^\s*\{/.test(Buffer.from(head).toString())) {
		const { openLayersModel } = await import("./files/layers-model.js");
		return openLayersModel(path);
	}
	throw fail(
		"INVALID",
		`cannot export ${path}: it is no .keras file, no HDF5 file and no model.json of TensorFlow.js`,
		{ at: { file: path } },
	);
}
