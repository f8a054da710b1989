import { isAbsolute, join, relative, resolve } from "node:path";
import {
	type AssetFileDef,
	AssetFileDefSchema,
	type MetaGraphDef,
} from "../../gen/saved_model_pb.js";
import { fail } from "../errors.js";
import { decodeMessage } from "../formats/protobuf.js";
import type { SavedModelFile } from "./read.js";

/** TensorFlow 1's collection of assets (saved_model/constants.py, ASSETS_KEY). */
const ASSETS_COLLECTION = "saved_model_assets";

/**
 * The files that a graph is fed with the names of, by the name of the tensor that takes it (`Const:0`); absolute paths.
 * Fails with CORRUPT for a name that leads out of the folder `assets`. Whether a file exists is not looked at.
 */
export function assetFiles(
	model: SavedModelFile,
	metaGraph: MetaGraphDef,
): ReadonlyMap<string, string> {
	const folder = resolve(model.dir, "assets");
	return new Map(
		assetDefinitions(metaGraph).map(({ tensorInfo, filename }) => [
			String(tensorInfo?.encoding.value ?? ""),
			assetPath(folder, filename),
		]),
	);
}

/** The same by the name of the file: what has to lie in `assets`. */
export function assetNames(metaGraph: MetaGraphDef): string[] {
	return [
		...new Set(assetDefinitions(metaGraph).map(({ filename }) => filename)),
	];
}

function assetDefinitions({
	assetFileDef,
	collectionDef,
}: MetaGraphDef): AssetFileDef[] {
	const kind = collectionDef[ASSETS_COLLECTION]?.kind;
	if (assetFileDef.length > 0 || kind?.case !== "anyList") return assetFileDef;
	return kind.value.value.map(({ value }) =>
		decodeMessage(AssetFileDefSchema, value),
	);
}

function assetPath(folder: string, filename: string): string {
	const path = join(folder, filename);
	const inside = relative(folder, path);
	if (filename.includes("\0") || inside === "" || isOutside(inside))
		throw fail(
			"CORRUPT",
			`cannot use asset "${filename}": it is no file in the folder assets`,
			{ at: { file: filename } },
		);
	return path;
}

function isOutside(path: string): boolean {
	return path === ".." || /^\.\.[\\/]/.test(path) || isAbsolute(path);
}
