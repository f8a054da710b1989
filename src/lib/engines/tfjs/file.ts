import { dirname, join } from "node:path";
import { fail } from "../../errors.js";
import { readWhole } from "../../formats/file.js";
import type { Port, Program } from "../../graph/ir.js";
import type { Model } from "../../steps/run.js";
import type { ModelJson } from "../../targets/web/files.js";
import type { WebTensorInfo } from "../../targets/web/topology.js";
import { backendFor, needsAsync } from "./backend.js";
import { openModel, type TfjsPort } from "./model.js";

/** No buffer of JavaScript is larger. */
const MAX_BYTES = 2 ** 32 - 1;

/** Opens a graph model from its files, as the program that it was made of is called. */
export async function openGraphModel(
	path: string,
	{ inputs, outputs }: Pick<Program, "inputs" | "outputs">,
): Promise<Model> {
	const json = JSON.parse(
		new TextDecoder().decode(readWhole(path, MAX_BYTES)),
	) as ModelJson;
	const { modelTopology, signature, weightsManifest, ...rest } = json;
	const model = { topology: modelTopology };
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
		inputs: inputs.map((port) => portOf(port, signature.inputs)),
		outputs: outputs.map((port) => portOf(port, signature.outputs)),
	});
}

function ownBuffer(path: string): ArrayBuffer {
	return readWhole(path, MAX_BYTES).slice().buffer as ArrayBuffer;
}

function portOf(
	{ name, dtype }: Port,
	infos: Readonly<Record<string, WebTensorInfo>>,
): TfjsPort {
	if (!Object.hasOwn(infos, name))
		throw fail("CORRUPT", `cannot run the graph model: it has no "${name}"`);
	return { name, dtype, tensor: infos[name].name };
}
