import { dirname, join } from "node:path";
import { fail } from "../../errors.js";
import { readWhole } from "../../formats/file.js";
import type { Port } from "../../graph/ir.js";
import type { Model } from "../../steps/run.js";
import type { ModelJson } from "../../targets/web/files.js";
import type {
	Topology,
	WebNode,
	WebTensorInfo,
} from "../../targets/web/topology.js";
import { backendFor, needsAsync } from "./backend.js";
import { openModel, type TfjsPort } from "./model.js";

/** No buffer of JavaScript is larger. */
const MAX_BYTES = 2 ** 32 - 1;

/** A port of a graph model; without a tensor, `x:0`, it is the one that the signature says. */
export interface GraphPort extends Pick<Port, "name" | "dtype"> {
	readonly tensor?: string;
}

/** Opens a graph model from its files, as callers of it name what goes in and out: those of the program that it was made of. */
export async function openGraphModel(
	path: string,
	{
		inputs,
		outputs,
	}: {
		readonly inputs: readonly GraphPort[];
		readonly outputs: readonly GraphPort[];
	},
): Promise<Model> {
	const json = JSON.parse(
		new TextDecoder().decode(readWhole(path, MAX_BYTES)),
	) as ModelJson;
	const { modelTopology, signature, weightsManifest, ...rest } = json;
	const model = { topology: wholeTopology(modelTopology) };
	return openModel({
		artifacts: {
			...rest,
			modelTopology,
			signature,
			weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
			weightData: weightsManifest.flatMap(({ paths }) =>
				paths.map((name) => ownBuffer(join(dirname(path), name))),
			),
		},
		backend: backendFor(model),
		isDynamic: needsAsync(model),
		inputs: inputs.map((port) => portOf(port, signature?.inputs)),
		outputs: outputs.map((port) => portOf(port, signature?.outputs)),
	});
}

/** Converters leave out what is empty. */
function wholeTopology(topology: Topology): Topology {
	const whole = (nodes: readonly WebNode[] = []) =>
		nodes.map((node) => ({ ...node, attr: node.attr ?? {} }));
	return {
		...topology,
		node: whole(topology.node),
		library: {
			function: (topology.library?.function ?? []).map((body) => ({
				...body,
				nodeDef: whole(body.nodeDef),
			})),
		},
	};
}

function ownBuffer(path: string): ArrayBuffer {
	return readWhole(path, MAX_BYTES).slice().buffer as ArrayBuffer;
}

function portOf(
	{ name, dtype, tensor }: GraphPort,
	infos: Readonly<Record<string, WebTensorInfo>> = {},
): TfjsPort {
	if (tensor !== undefined) return { name, dtype, tensor };
	if (!Object.hasOwn(infos, name))
		throw fail("CORRUPT", `cannot run the graph model: it has no "${name}"`);
	return { name, dtype, tensor: infos[name].name };
}
