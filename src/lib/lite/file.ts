import { basename, extname } from "node:path";
import { isFile } from "../formats/file.js";

/** Whether a path is called as files of TensorFlow Lite are. */
export function isLiteName(path: string): boolean {
	return EXTENSIONS.includes(extname(path));
}

/** The path itself where a file of TensorFlow Lite lies there. */
export function liteFileAt(path: string): string | undefined {
	return isLiteName(path) && isFile(path) ? path : undefined;
}

/** `iris` of `models/iris.tflite`. */
export function liteModelName(path: string): string {
	return basename(path, extname(path));
}

const EXTENSIONS: readonly string[] = [".tflite", ".lite"];
