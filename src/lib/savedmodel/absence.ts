import { basename, dirname, extname, join } from "node:path";
import { fail, type MlshipError } from "../errors.js";
import { isFolder, listFolder, statPath } from "../formats/file.js";
import { nearest, quoted } from "../nearest.js";

/** The error for a path that is no SavedModel folder: it says what is there instead. */
export function whyNoSavedModel(path: string): MlshipError {
	const found = statPath(path);
	if (found === undefined) return missing(path);
	if (!found.isDirectory()) return notAFolder(path);
	const names = listFolder(path);
	const what = FINDINGS.find(({ matches }) => names.some(matches));
	const reason =
		names.length === 0
			? "the folder is empty"
			: (what?.reason(names.filter(what.matches)) ??
				`it has no saved_model.pb, but ${quoted(names.slice(0, 5))}`);
	return fail(
		what?.code ?? "NOT_FOUND",
		`cannot find a SavedModel in ${path}: ${reason}`,
		{
			at: { path },
			...(what?.hint === undefined
				? {}
				: { hint: what.hint(path, names.filter(what.matches)) }),
		},
	);
}

interface Finding {
	readonly code: "NOT_FOUND" | "NOT_READY" | "UNSUPPORTED";
	readonly matches: (name: string) => boolean;
	readonly reason: (names: readonly string[]) => string;
	readonly hint?: (path: string, names: readonly string[]) => string;
}

/** What may lie in a folder instead of a SavedModel, the most telling first. */
const FINDINGS: readonly Finding[] = [
	{
		code: "UNSUPPORTED",
		matches: (name) => name === "saved_model.cpb",
		reason: () =>
			"it has a saved_model.cpb, a message split into chunks, which mlship does not read",
		hint: () =>
			"save the model without experimental_image_format, its weights in variables",
	},
	{
		code: "NOT_READY",
		matches: (name) => name === "variables" || name === "fingerprint.pb",
		reason: (names) =>
			`it has ${quoted(names)} but no saved_model.pb: the copy may not be finished`,
	},
	{
		code: "NOT_FOUND",
		matches: (name) => /^\d+$/.test(name),
		reason: (names) =>
			`it is a model folder with the version${names.length === 1 ? "" : "s"} ${names.slice(0, 10).join(", ")}`,
		hint: (path, names) =>
			`name a version: ${join(path, names[names.length - 1])}`,
	},
	{
		code: "NOT_FOUND",
		matches: (name) => extname(name) in OTHER_FORMATS,
		reason: ([first]) => `it has ${first}, ${OTHER_FORMATS[extname(first)]}`,
	},
	{
		code: "NOT_FOUND",
		matches: (name) => name === "model.json",
		reason: () => "it has model.json, a TensorFlow.js model",
	},
];

/** By extension: what a file is that people take for a SavedModel. */
const OTHER_FORMATS: Readonly<Record<string, string>> = {
	".keras": "a Keras model",
	".h5": "a Keras model (HDF5)",
	".hdf5": "a Keras model (HDF5)",
	".onnx": "an ONNX model",
	".tflite": "a TensorFlow Lite model",
	".index": "a checkpoint without a graph",
	".meta": "a TensorFlow 1 checkpoint, not exported",
	".pt": "a PyTorch model",
	".pth": "a PyTorch model",
	".safetensors": "weights without a graph",
	".gguf": "a GGUF model",
	".zip": "an archive",
	".gz": "an archive",
	".tar": "an archive",
	".tgz": "an archive",
	".pb": "a protobuf message under another name",
};

function missing(path: string): MlshipError {
	const parent = dirname(path);
	const siblings = isFolder(parent) ? listFolder(parent) : [];
	const offered = nearest(basename(path), siblings).slice(0, OFFERED);
	const [wanted, place] = isModelFile(path)
		? ["model", "file"]
		: ["SavedModel", "folder"];
	return fail(
		"NOT_FOUND",
		`cannot find a ${wanted} in ${path}: no such ${place}${offered.length === 0 ? "" : `, nearest in ${parent} are ${quoted(offered)}`}`,
		{ at: { path } },
	);
}

const OFFERED = 3;

/** Whether a path ends as files of models do. */
export function isModelFile(path: string): boolean {
	return /\.(?:onnx|tflite|keras|h5|hdf5|json|pb|pbtxt)$/i.test(path);
}

function notAFolder(path: string): MlshipError {
	const name = basename(path);
	const what = OTHER_FORMATS[extname(name)];
	if (name.startsWith("saved_model."))
		return fail(
			"INVALID",
			`cannot find a SavedModel in ${path}: it is a file, the folder around it is the SavedModel`,
			{ at: { path }, hint: `name the folder: ${dirname(path)}` },
		);
	return fail(
		"INVALID",
		`cannot find a SavedModel in ${path}: it is a file${what === undefined ? "" : `, ${what}`}, a folder with saved_model.pb was wanted`,
		{ at: { path } },
	);
}
