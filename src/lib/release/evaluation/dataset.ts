import { fail, MlshipError } from "../../errors.js";
import { readWhole, statPath } from "../../formats/file.js";
import { quoted } from "../../nearest.js";
import { isIdx, readIdx, unpacked } from "../../tensor/idx.js";
import { readNpy } from "../../tensor/npy.js";
import { readNpz } from "../../tensor/npz.js";
import { showShape, type Tensor } from "../../tensor/tensor.js";
import { readRecords } from "./records.js";

/** What versions are measured on. */
export interface Dataset {
	/** By name where the data has names; one without is for the only input. */
	readonly inputs: ReadonlyMap<string, Tensor>;
	/** A class or a value a row. */
	readonly labels: Tensor;
	readonly rows: number;
}

/** The name of inputs that have none. */
export const ONLY_INPUT = "";

/** Names of arrays that are labels. */
const LABELS = ["labels", "label", "y", "y_test", "targets", "target"];

const MAX_BYTES = 2 ** 31;

/**
 * Reads `IMAGES+LABELS`, two files of idx or npy, packed by gzip or not; or one npz, jsonl or json file that has both.
 * Fails with NOT_FOUND, CORRUPT, or INVALID where rows and labels are not equally many.
 */
export function readDataset(paths: readonly string[]): Dataset {
	const files = paths.flatMap((path) =>
		statPath(path) === undefined ? path.split("+") : [path],
	);
	if (files.length > 2 || files.length === 0)
		throw fail(
			"INVALID",
			`cannot evaluate with ${files.length} files: one npz or jsonl file, or inputs and labels are wanted`,
		);
	const dataset =
		files.length === 1 ? fromOne(files[0]) : fromTwo(files[0], files[1]);
	checkRows(dataset);
	return dataset;
}

function fromTwo(inputs: string, labels: string): Dataset {
	const [values, classes] = [readArray(inputs), readArray(labels)];
	return {
		inputs: new Map([[ONLY_INPUT, values]]),
		labels: classes,
		rows: classes.shape[0] ?? 0,
	};
}

function fromOne(path: string): Dataset {
	const bytes = readBytes(path);
	if (isZip(bytes))
		return fromArrays(
			path,
			inFile(path, () => readNpz(bytes)),
		);
	if (/^\s*[[{]/.test(Buffer.from(bytes.subarray(0, 64)).toString("latin1")))
		return inFile(path, () => readRecords(bytes, LABELS));
	throw fail(
		"INVALID",
		`cannot evaluate with ${path}: it holds no labels; an npz or jsonl file, or IMAGES+LABELS is wanted`,
		{ at: { file: path } },
	);
}

function fromArrays(
	path: string,
	arrays: Readonly<Record<string, Tensor>>,
): Dataset {
	const names = Object.keys(arrays);
	const label = LABELS.find((name) => names.includes(name));
	if (label === undefined || names.length < 2)
		throw fail(
			"INVALID",
			`cannot evaluate with ${path}: it has ${quoted(names)}, inputs and an array "labels" or "y" are wanted`,
			{ at: { file: path } },
		);
	const inputs = names.filter((name) => !LABELS.includes(name));
	return {
		inputs: new Map(inputs.map((name) => [name, arrays[name]])),
		labels: arrays[label],
		rows: arrays[label].shape[0] ?? 0,
	};
}

function readArray(path: string): Tensor {
	const bytes = readBytes(path);
	if (isIdx(bytes)) return inFile(path, () => readIdx(bytes));
	if (isNpy(bytes)) return inFile(path, () => readNpy(bytes));
	throw fail(
		"INVALID",
		`cannot evaluate with ${path}: it is neither an idx nor an npy file`,
		{ at: { file: path } },
	);
}

function readBytes(path: string): Uint8Array {
	if (statPath(path) === undefined)
		throw fail("NOT_FOUND", `cannot open ${path}: no such file`, {
			at: { file: path },
		});
	return inFile(path, () => unpacked(readWhole(path, MAX_BYTES), MAX_BYTES));
}

function inFile<T>(path: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof MlshipError)) throw error;
		throw fail(error.code, `cannot evaluate with ${path}: ${error.message}`, {
			at: { file: path },
			cause: error,
		});
	}
}

function isZip(bytes: Uint8Array): boolean {
	return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/** `\x93NUMPY` (numpy/lib/format.py). */
function isNpy(bytes: Uint8Array): boolean {
	return bytes[0] === 0x93 && bytes[1] === 0x4e;
}

function checkRows({ inputs, labels, rows }: Dataset): void {
	const stranger = [...inputs].find(([, { shape }]) => shape[0] !== rows);
	if (rows > 0 && stranger === undefined) return;
	throw fail(
		"INVALID",
		rows === 0
			? "cannot evaluate: there are no labels"
			: `cannot evaluate: ${rows} labels ${showShape(labels.shape)} do not fit inputs of shape ${showShape(stranger?.[1].shape)}`,
	);
}
