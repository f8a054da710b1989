import { join } from "node:path";
import { isFile, isFolder } from "../formats/file.js";
import { isLiteName } from "../lite/file.js";
import { isOnnxName } from "../onnx/file.js";
import type { Result } from "./results/result.js";

/** Files of a folder that are results of conversions, in order of preference. */
const IN_FOLDER = ["model.onnx", "model.tflite", "model.json"] as const;

interface Form {
	matches(path: string): boolean;
	read(path: string, key: string): Promise<Result>;
}

/** THE table of results; each reader is imported when it is chosen. */
const FORMS: readonly Form[] = [
	{
		matches: isOnnxName,
		read: async (path) =>
			(await import("./results/onnx.js")).readOnnxResult(path),
	},
	{
		matches: isLiteName,
		read: async (path, key) =>
			(await import("./results/lite.js")).readLiteResult(path, key),
	},
	{
		matches: (path) => path.endsWith(".json"),
		read: async (path) =>
			(await import("./results/web.js")).readWebResult(path),
	},
];

/**
 * Reads what a model was converted to: a file, or the one of a folder. `key` is the signature that is meant, where a file has
 * several. `undefined` for anything else. Fails as the readers do.
 */
export async function readResult(
	path: string,
	key: string,
): Promise<Result | undefined> {
	const file = isFolder(path)
		? IN_FOLDER.map((name) => join(path, name)).find(isFile)
		: path;
	if (file === undefined || !isFile(file)) return undefined;
	const form = FORMS.find(({ matches }) => matches(file));
	return form?.read(file, key);
}
