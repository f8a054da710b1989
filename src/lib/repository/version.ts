import { basename } from "node:path";
import { liteFileAt } from "../lite/file.js";
import { type LiteFile, openLiteFile } from "../lite/open.js";
import { summarizeLite } from "../lite/summary.js";
import { onnxFileAt } from "../onnx/file.js";
import { type OnnxModel, readOnnx } from "../onnx/read.js";
import { summarizeOnnx } from "../onnx/summary.js";
import { readSavedModel, type SavedModelFile } from "../savedmodel/read.js";
import { type ModelSummary, summarize } from "../savedmodel/summary.js";

/** What a version holds: a SavedModel, or a file of ONNX or TensorFlow Lite with the face of one. */
export interface VersionFile extends SavedModelFile {
	readonly onnx?: OnnxModel;
	readonly lite?: LiteFile;
}

/** Reads a version, weights aside. Fails as `readSavedModel`, `readOnnx` and `openLiteFile` do. */
export function readVersion(dir: string): VersionFile {
	const place = liteFileAt(dir);
	if (place !== undefined) {
		const lite = openLiteFile(place);
		const { metaGraph } = lite;
		return { dir, file: basename(place), metaGraphs: [metaGraph], lite };
	}
	const path = onnxFileAt(dir);
	if (path === undefined) return readSavedModel(dir);
	const onnx = readOnnx(path);
	return { dir, file: basename(path), metaGraphs: [onnx.metaGraph], onnx };
}

/** As `summarize`, for each form. */
export function summarizeVersion(
	dir: string,
	tags?: readonly string[],
): ModelSummary {
	const place = liteFileAt(dir);
	if (place !== undefined) return summarizeLite(place);
	const path = onnxFileAt(dir);
	return path === undefined ? summarize(dir, tags) : summarizeOnnx(dir, path);
}
