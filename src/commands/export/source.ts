import { basename, dirname } from "node:path";
import { create } from "@bufbuild/protobuf";
import { MetaGraphDefSchema } from "../../gen/saved_model_pb.js";
import { fail } from "../../lib/errors.js";
import { statPath } from "../../lib/formats/file.js";
import { readCheckpoint } from "../../lib/graph/files/checkpoint.js";
import { readFrozenGraph } from "../../lib/graph/files/frozen.js";
import type { NodePorts } from "../../lib/graph/node-ports.js";
import {
	type Exported,
	type ExportOptions,
	exportNetwork,
	type PortSummary,
} from "../../lib/keras/export.js";
import { openKerasFile } from "../../lib/keras/open.js";
import {
	DEFAULT_SIGNATURE,
	findSignature,
} from "../../lib/savedmodel/signature.js";
import type { GraphSource } from "../../lib/savedmodel/write/model.js";
import { isGraphModel, readGraphModel } from "../../lib/tfjs/graph-model.js";
import type { ExportCommandOptions } from "../export.js";

/** What a file becomes, its weights unread until they are written. */
export interface ExportSource {
	readonly form: string;
	readonly kerasVersion: string;
	readonly graph: GraphSource;
	readonly inputs: readonly PortSummary[];
	readonly outputs: readonly PortSummary[];
	/** Of a network. */
	readonly layers?: number;
	readonly parameters?: number;
	close(): void;
}

/** Opens a network of Keras or TensorFlow.js, or a graph by its name's end. */
export async function openExportSource(
	path: string,
	options: ExportCommandOptions,
	settings: ExportOptions,
): Promise<ExportSource> {
	const graph = GRAPHS.find(({ matches }) => matches(path));
	if (graph !== undefined && statPath(path) !== undefined) {
		rejectFor(path, options, NETWORK_OPTIONS, "a graph is taken as it is");
		const ports = {
			inputs: listOf(options.inputs),
			outputs: listOf(options.outputs),
		};
		return graphSource(graph.form, graph.read(path, ports));
	}
	rejectFor(path, options, GRAPH_OPTIONS, "a network has its own ports");
	const file = await openKerasFile(path);
	try {
		const exported: Exported = exportNetwork(file, settings);
		const { form, kerasVersion } = file;
		return { ...exported, form, kerasVersion, close: () => file.close() };
	} catch (error) {
		file.close();
		throw error;
	}
}

/** `digits` of `digits.keras`; a folder of TensorFlow.js has a `model.json`. */
export function exportName(path: string): string {
	const name = basename(path);
	return /\.json$/i.test(name)
		? basename(dirname(path))
		: name.replace(/\.(keras|h5|hdf5|pb|meta)$/i, "").replace(/\.ckpt.*$/, "");
}

interface GraphForm {
	readonly form: string;
	matches(path: string): boolean;
	read(path: string, ports: NodePorts): GraphSource;
}

const GRAPHS: readonly GraphForm[] = [
	{
		form: "checkpoint",
		matches: (path) => path.endsWith(".meta"),
		read: readCheckpoint,
	},
	{
		form: "tfjs-graph",
		matches: (path) => /\.(json|pb)$/.test(path) && isGraphModel(path),
		read: readGraphModel,
	},
	{
		form: "frozen",
		matches: (path) => path.endsWith(".pb"),
		read: readFrozenGraph,
	},
];

function graphSource(form: string, graph: GraphSource): ExportSource {
	const keys = Object.keys(graph.signatures);
	const { inputs, outputs } = findSignature(
		create(MetaGraphDefSchema, { signatureDef: graph.signatures }),
		keys.includes(DEFAULT_SIGNATURE) ? DEFAULT_SIGNATURE : keys[0],
	);
	return {
		form,
		kerasVersion: "",
		graph,
		inputs,
		outputs,
		close: () => undefined,
	};
}

type OptionName = keyof ExportCommandOptions;

const NETWORK_OPTIONS = {
	batch: "--batch",
	signatureDtype: "--signature-dtype",
	outputNames: "--output-names",
	preprocess: "--preprocess",
	labels: "--labels",
	variables: "--variables",
} as const satisfies Partial<Record<OptionName, string>>;

const GRAPH_OPTIONS = {
	inputs: "--inputs",
	outputs: "--outputs",
} as const satisfies Partial<Record<OptionName, string>>;

function rejectFor(
	path: string,
	options: ExportCommandOptions,
	names: Partial<Record<OptionName, string>>,
	reason: string,
): void {
	for (const [key, flag] of Object.entries(names))
		if (options[key as OptionName] !== undefined)
			throw fail(
				"INVALID",
				`cannot use ${flag} with ${basename(path)}: ${reason}`,
			);
}

function listOf(text: string | undefined): readonly string[] | undefined {
	return text?.split(",").map((name) => name.trim());
}
