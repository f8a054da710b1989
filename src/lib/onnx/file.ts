import { basename, dirname, join } from "node:path";
import { isFile } from "../formats/file.js";

/** What a version folder holds where it is an ONNX model. */
export const ONNX_FILE = "model.onnx";

/** The ONNX file of a version: the path itself, or `model.onnx` in the folder; undefined where there is none. */
export function onnxFileAt(path: string): string | undefined {
	if (isOnnxName(path)) return isFile(path) ? path : undefined;
	const inside = join(path, ONNX_FILE);
	return isFile(inside) ? inside : undefined;
}

export function isOnnxName(path: string): boolean {
	return path.endsWith(EXTENSION);
}

/** Where a version lies that a path to an ONNX file means: the folder of a `model.onnx`, else the file by itself. */
export function onnxPlace(path: string): string {
	return basename(path) === ONNX_FILE ? dirname(path) : path;
}

/** `iris` of `models/iris.onnx`. */
export function onnxModelName(path: string): string {
	return basename(path, EXTENSION);
}

const EXTENSION = ".onnx";
