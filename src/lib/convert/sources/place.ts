import { basename, dirname, join, resolve } from "node:path";
import { isFile, isFolder } from "../../formats/file.js";
import { isLiteName } from "../../lite/file.js";
import { isOnnxName } from "../../onnx/file.js";
import { SAVED_MODEL_FILES } from "../../savedmodel/read.js";

/** The file of a folder that stands for a model, where there is no SavedModel in it. */
const IN_FOLDER = ["model.json", "tensorflowjs_model.pb"] as const;

/** The file that may hold a model in a form of its own: the path itself, or the one of that folder. */
export function modelFileAt(path: string): string | undefined {
	const file = resolve(path);
	const inside = (name: string) => join(file, name);
	if (isFolder(file))
		return SAVED_MODEL_FILES.some((name) => isFile(inside(name)))
			? undefined
			: IN_FOLDER.map(inside).find(isFile);
	const isOther =
		isOnnxName(file) ||
		isLiteName(file) ||
		SAVED_MODEL_FILES.includes(basename(file));
	return isFile(file) && !isOther ? file : undefined;
}

/** `digits` of `digits.keras`, and of `digits/model.json`. */
export function modelFileName(path: string): string {
	const file = basename(path);
	const name = IN_FOLDER.some((inside) => inside === file)
		? basename(dirname(resolve(path)))
		: file.replace(/(.)\.[^.]*$/, "$1");
	return /^\.*$/.test(name) ? "model" : name;
}
