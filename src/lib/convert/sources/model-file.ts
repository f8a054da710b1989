import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asMlshipError, fail } from "../../errors.js";
import { readRange, statPath } from "../../formats/file.js";
import { isHdf5 } from "../../formats/hdf5.js";
import { readFrozenGraph } from "../../graph/files/frozen.js";
import type { NodePorts } from "../../graph/node-ports.js";
import {
	type GraphSource,
	writeSavedModel,
} from "../../savedmodel/write/model.js";
import {
	isGraphModel,
	isLayersModel,
	readGraphModel,
} from "../../tfjs/graph-model.js";
import { modelFileAt, modelFileName } from "./place.js";

/** A model that is no SavedModel, as one in a temporary folder. Has a lifetime: until `close`, or the end of the process. */
export interface ModelFile {
	/** The model's name, by that of its file or folder. */
	readonly name: string;
	/** Where the file lies that was read. */
	readonly path: string;
	/** What that is: `Keras file`. */
	readonly form: string;
	/** The SavedModel. */
	readonly dir: string;
	close(): void;
}

/**
 * Opens what is no SavedModel and holds a graph or a network: a graph model or layers model of TensorFlow.js, a Keras file, a
 * frozen graph. `undefined` for everything else. Fails as their readers do, with INVALID where `ports` are given for a network.
 */
export async function openModelFile(
	path: string,
	ports: NodePorts = {},
): Promise<ModelFile | undefined> {
	const found = findModelFile(path);
	if (found === undefined) return undefined;
	const { file, kind } = found;
	const name = modelFileName(file);
	const folder = mkdtempSync(join(tmpdir(), "mlship-"));
	const close = () => {
		process.off("exit", close);
		rmSync(folder, { recursive: true, force: true });
	};
	process.once("exit", close);
	try {
		// a version of a model, so that no number in the name is taken for one
		const dir = join(folder, name, "1");
		await kind.read(file, ports, (source) => writeSavedModel(dir, source));
		return { name, path: file, form: kind.form, dir, close };
	} catch (error) {
		close();
		throw asMlshipError(error);
	}
}

function findModelFile(
	path: string,
): { readonly file: string; readonly kind: Kind } | undefined {
	const file = modelFileAt(path);
	const kind = file === undefined ? undefined : kindOf(file);
	return file === undefined || kind === undefined ? undefined : { file, kind };
}

type Write = (source: GraphSource) => void;

interface Kind {
	readonly form: string;
	matches(path: string, head: Uint8Array): boolean;
	/** Gives what it read to `write`: weights are read while they are written. */
	read(path: string, ports: NodePorts, write: Write): void | Promise<void>;
}

const ZIP = [0x50, 0x4b];

/** By content, but for graphs, whose bytes begin like any message; the first that matches counts. */
const KINDS: readonly Kind[] = [
	{
		form: "graph model of TensorFlow.js",
		matches: (path, head) =>
			(path.endsWith(".pb") || isJson(path, head)) && isGraphModel(path),
		read: (path, ports, write) => write(readGraphModel(path, ports)),
	},
	{
		form: "layers model of TensorFlow.js",
		matches: (path, head) => isJson(path, head) && isLayersModel(path),
		read: readNetwork,
	},
	{
		form: "Keras file",
		matches: (path, head) =>
			isHdf5(head) ||
			(path.endsWith(".keras") && ZIP.every((byte, i) => head[i] === byte)),
		read: readNetwork,
	},
	{
		form: "frozen graph",
		matches: (path) => path.endsWith(".pb"),
		read: (path, ports, write) => write(readFrozenGraph(path, ports)),
	},
];

const HEAD_BYTES = 8;

function kindOf(path: string): Kind | undefined {
	const size = statPath(path)?.size ?? 0;
	const head = readRange(path, 0, Math.min(size, HEAD_BYTES));
	return KINDS.find(({ matches }) => matches(path, head));
}

function isJson(path: string, head: Uint8Array): boolean {
	return path.endsWith(".json") && /^\s*\{/.test(Buffer.from(head).toString());
}

async function readNetwork(
	path: string,
	{ inputs, outputs }: NodePorts,
	write: Write,
): Promise<void> {
	if (inputs ?? outputs)
		throw fail(
			"INVALID",
			`cannot choose inputs and outputs of ${path}: a network has its own`,
			{ hint: "leave --inputs and --outputs out" },
		);
	const { openKerasFile } = await import("../../keras/open.js");
	const { exportNetwork } = await import("../../keras/export.js");
	const file = await openKerasFile(path);
	try {
		write(exportNetwork(file).graph);
	} finally {
		file.close();
	}
}
