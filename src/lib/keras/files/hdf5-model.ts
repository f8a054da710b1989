import { fail } from "../../errors.js";
import { statPath } from "../../formats/file.js";
import { type Hdf5File, openHdf5 } from "../../formats/hdf5.js";
import type { Constant } from "../../tensor/constant.js";
import { showShape } from "../../tensor/tensor.js";
import { parseConfig } from "../json.js";
import { type Layer, parseModel } from "../model.js";
import { legacyOrder, type Slot } from "../slots.js";
import { misfit, rejectTexts, type WeightSource } from "../weights.js";
import { rangeSource } from "./archive.js";
import { datasetConstant } from "./dataset.js";
import { generationOf, type KerasFile } from "./file.js";

const ROOT = "/";
const WEIGHTS = "model_weights";

/** Opens a `.h5` file of Keras 2 or 3 (keras legacy/saving/legacy_h5_format.py). */
export async function openHdf5Model(path: string): Promise<KerasFile> {
	const size = statPath(path)?.size ?? 0;
	const source = rangeSource(path, path, { start: 0, size });
	try {
		const file = await openHdf5(source);
		const config = file.texts(ROOT, "model_config")?.[0];
		if (config === undefined)
			throw fail(
				"INVALID",
				`cannot export ${path}: it holds ${whatItHolds(file)}, and no model_config`,
				{
					hint: "save the whole model by model.save(FILE), not only its weights",
					at: { file: path },
				},
			);
		const kerasVersion =
			(file.texts(ROOT, "keras_version") ??
				file.texts(WEIGHTS, "keras_version"))?.[0] ?? "2";
		const generation = generationOf(kerasVersion);
		return {
			form: "h5",
			kerasVersion,
			generation,
			model: parseModel(
				parseConfig(config, `${path}:model_config`),
				generation,
			),
			weights: weightsByLayer(file),
			close: () => {
				file.close();
				source.close();
			},
		};
	} catch (error) {
		source.close();
		throw error;
	}
}

function whatItHolds(file: Hdf5File): string {
	if (file.texts(ROOT, "layer_names") !== undefined) return "weights";
	const names = file.children(ROOT) ?? [];
	return names.length === 0 ? "nothing" : `"${names.slice(0, 6).join('", "')}"`;
}

/** Weights lie in a group for each layer, in the order of its `weight_names`. */
function weightsByLayer(file: Hdf5File): WeightSource {
	const groups = new Set(file.children(WEIGHTS) ?? []);
	return {
		find: (layer, _path, slots) => {
			rejectTexts(slots);
			const wanted = legacyOrder(slots);
			const found = groups.has(layer.name) ? weightsOf(file, layer) : [];
			if (found.length !== wanted.length)
				throw misfit(
					layer,
					`${wanted.length} weights (${wanted.map(({ name }) => name).join(", ")})`,
					found.map(([name, { shape }]) => `${name} ${showShape(shape)}`),
				);
			const constants = new Map<Slot, Constant>(
				wanted.map((slot, i) => [slot, found[i][1]]),
			);
			return slots.map((slot) => constants.get(slot) as Constant);
		},
	};
}

function weightsOf(file: Hdf5File, layer: Layer): [string, Constant][] {
	const group = `${WEIGHTS}/${layer.name}`;
	return chunkedTexts(file, group, "weight_names").map((name) => {
		const dataset = file.dataset(`${group}/${name}`);
		if (dataset === undefined)
			throw fail(
				"CORRUPT",
				`cannot read weight "${name}" of layer "${layer.name}": the file names it and does not hold it`,
				{ at: { layer: layer.name } },
			);
		return [name, datasetConstant(name, dataset)];
	});
}

/** A list beyond 64512 bytes lies in `name0`, `name1` … (legacy_h5_format.py, HDF5_OBJECT_HEADER_LIMIT). */
function chunkedTexts(
	file: Hdf5File,
	group: string,
	name: string,
): readonly string[] {
	const whole = file.texts(group, name);
	if (whole !== undefined) return whole;
	const parts: string[] = [];
	for (let i = 0; ; i++) {
		const part = file.texts(group, `${name}${i}`);
		if (part === undefined) return parts;
		parts.push(...part);
	}
}
