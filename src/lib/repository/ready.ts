import { basename, join } from "node:path";
import { MlshipError } from "../errors.js";
import { isFolder, statPath } from "../formats/file.js";
import { onnxFileAt } from "../onnx/file.js";
import { type OnnxModel, readOnnx } from "../onnx/read.js";
import { assetFiles } from "../savedmodel/assets.js";
import { readSavedModel, type SavedModelFile } from "../savedmodel/read.js";
import { needsVariables, openVariables } from "../savedmodel/variables.js";

/** Whether all of a version is there, or what is missing. */
export type Completeness =
	| { readonly complete: true }
	| { readonly complete: false; readonly reason: string };

/**
 * Whether a version folder holds everything that its graph and its checkpoint mention: a copy under way does not. Bytes of
 * variables are not read, only their number is compared.
 */
export function isComplete(dir: string): Completeness {
	const reason = whatIsMissing(dir);
	return reason === undefined
		? { complete: true }
		: { complete: false, reason };
}

function whatIsMissing(dir: string): string | undefined {
	if (isTemporaryName(basename(dir))) return "its name is a temporary one";
	const onnx = onnxFileAt(dir);
	if (onnx === undefined && !isFolder(dir)) return "there is no such folder";
	try {
		if (onnx !== undefined) return missingExternal(readOnnx(onnx));
		const model = readSavedModel(dir);
		return missingVariables(model) ?? missingAssets(model);
	} catch (error) {
		if (error instanceof MlshipError) return error.message;
		throw error;
	}
}

function missingExternal({ external }: OnnxModel): string | undefined {
	for (const { location, path, byteLength } of external) {
		const size = statPath(path)?.size;
		if (size === undefined) return `${location} is not there`;
		if (size < byteLength)
			return `${location} has ${size} bytes, the model wants ${byteLength}`;
	}
	return undefined;
}

/** Names that copying programs use until they are done: rsync, browsers, editors, our own writers. */
function isTemporaryName(name: string): boolean {
	return (
		/^[._~]/.test(name) || /(?:~|[._-](?:tmp|temp|part|partial))$/i.test(name)
	);
}

function missingVariables(model: SavedModelFile): string | undefined {
	const bundle = openVariables(model.dir);
	if (bundle === undefined)
		return model.metaGraphs.some(needsVariables)
			? "its signatures read variables, and there is no variables/variables.index"
			: undefined;
	for (const { path, byteLength } of bundle.shards) {
		const size = statPath(path)?.size;
		if (size === undefined) return `${basename(path)} is not there`;
		if (size < byteLength)
			return `${basename(path)} has ${size} bytes, its index wants ${byteLength}`;
	}
	return undefined;
}

/** Without any `assets` the exporter left them out, and the model may do without; with some a copy is under way. */
function missingAssets(model: SavedModelFile): string | undefined {
	if (!isFolder(join(model.dir, "assets"))) return undefined;
	const missing = model.metaGraphs
		.flatMap((metaGraph) => [...assetFiles(model, metaGraph).values()])
		.find((path) => statPath(path) === undefined);
	return missing === undefined
		? undefined
		: `its asset ${basename(missing)} is not there`;
}
