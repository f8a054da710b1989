import { basename } from "node:path";
import { onnxFileAt } from "../onnx/file.js";
import { type OnnxModel, readOnnx } from "../onnx/read.js";
import { summarizeOnnx } from "../onnx/summary.js";
import { readSavedModel, type SavedModelFile } from "../savedmodel/read.js";
import { type ModelSummary, summarize } from "../savedmodel/summary.js";

/** What a version holds: a SavedModel, or an ONNX file with the face of one. */
export interface VersionFile extends SavedModelFile {
	readonly onnx?: OnnxModel;
}

/** Reads a version, weights aside. Fails as `readSavedModel` and `readOnnx` do. */
export function readVersion(dir: string): VersionFile {
	const path = onnxFileAt(dir);
	if (path === undefined) return readSavedModel(dir);
	const onnx = readOnnx(path);
	return { dir, file: basename(path), metaGraphs: [onnx.metaGraph], onnx };
}

/** As `summarize`, for either form. */
export function summarizeVersion(
	dir: string,
	tags?: readonly string[],
): ModelSummary {
	const path = onnxFileAt(dir);
	return path === undefined ? summarize(dir, tags) : summarizeOnnx(dir, path);
}
