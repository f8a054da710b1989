import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { measureCommand } from "./child.js";
import { HOME } from "./place.js";

/** The models that are measured: `digits` is in the repository, the others are made on demand. */
export const MODELS = ["digits", "mobilenet_v2", "resnet50"];

/** The version folder of a model; undefined where it has to be made and there is no TensorFlow to make it. */
export async function modelFolder(name, place) {
	if (name === "digits") return join(HOME, "models/digits/2");
	const folder = join(place.cache, name, "1");
	if (existsSync(folder)) return folder;
	if (place.python === undefined) return undefined;
	place.say(`making ${name}`);
	await measureCommand(place.python, [
		join(HOME, "bench/models.py"),
		name,
		place.cache,
	]);
	return folder;
}

/** What tf2onnx makes of a model; undefined without tf2onnx. */
export async function onnxFile(name, place) {
	const file = join(place.cache, `${name}.onnx`);
	if (existsSync(file)) return file;
	const folder = await modelFolder(name, place);
	if (place.tf2onnx === undefined || folder === undefined) return undefined;
	place.say(`converting ${name} with tf2onnx`);
	const half = `${file}.part`;
	await measureCommand(place.tf2onnx, [
		"-m",
		"tf2onnx.convert",
		"--saved-model",
		folder,
		"--output",
		half,
		"--opset",
		"17",
	]);
	renameSync(half, file);
	return file;
}
