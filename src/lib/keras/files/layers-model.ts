import { fail } from "../../errors.js";
import { readWhole } from "../../formats/file.js";
import type { Constant } from "../../tensor/constant.js";
import { showShape } from "../../tensor/tensor.js";
import { readManifest } from "../../tfjs/manifest.js";
import { isObject, MAX_CONFIG_BYTES, parseConfig } from "../json.js";
import { type Layer, parseModel } from "../model.js";
import { legacyOrder, namedLayers, type Slot, slotsOf } from "../slots.js";
import { misfit, rejectTexts, type WeightSource } from "../weights.js";
import { generationOf, type KerasFile } from "./file.js";

/** Opens a layers model of TensorFlow.js: `model.json`, and shards of weights beside it (tfjs-layers models.ts). */
export function openLayersModel(path: string): KerasFile {
	const text = Buffer.from(readWhole(path, MAX_CONFIG_BYTES)).toString();
	const json = parseConfig(text, path);
	const topology = isObject(json.modelTopology) ? json.modelTopology : json;
	if (topology.node !== undefined)
		throw fail(
			"INVALID",
			`cannot export ${path}: it is a graph model of TensorFlow.js, a layers model was wanted`,
			{ at: { file: path } },
		);
	const config = isObject(topology.model_config)
		? topology.model_config
		: topology;
	if (typeof config.class_name !== "string")
		throw fail(
			"INVALID",
			`cannot export ${path}: it is no .keras file, no HDF5 file and no model.json of TensorFlow.js`,
			{ at: { file: path } },
		);
	const kerasVersion =
		typeof topology.keras_version === "string"
			? topology.keras_version.replace(/^tfjs-layers\s*/, "2.")
			: "2";
	const generation = generationOf(kerasVersion);
	return {
		form: "tfjs-layers",
		kerasVersion,
		generation,
		model: parseModel(config, generation),
		weights: weightsByName(
			readManifest(path, json.weightsManifest).map(({ name, constant }) => ({
				parts: name.replace(/:0$/, "").split("/"),
				constant,
			})),
		),
		close: () => undefined,
	};
}

interface NamedWeight {
	/** `dense_Dense1/kernel` in its parts. */
	readonly parts: readonly string[];
	readonly constant: Constant;
}

/** Each layer has the weights with its name on their way, in their order. */
function weightsByName(weights: readonly NamedWeight[]): WeightSource {
	const find = (
		layer: Layer,
		_path: string,
		slots: readonly Slot[],
	): readonly Constant[] => {
		if (layer.model !== undefined)
			return namedLayers(layer.model).flatMap((inner) =>
				find(inner.layer, inner.path, slotsOf(inner.layer)),
			);
		rejectTexts(slots);
		const wanted = legacyOrder(slots);
		const found = weights.filter(({ parts }) =>
			parts.slice(0, -1).includes(layer.name),
		);
		if (found.length !== wanted.length)
			throw misfit(
				layer,
				`${wanted.length} weights (${wanted.map(({ name }) => name).join(", ")})`,
				found.map(
					({ parts, constant }) =>
						`${parts.join("/")} ${showShape(constant.shape)}`,
				),
			);
		return slots.map((slot) => found[wanted.indexOf(slot)].constant);
	};
	return { find };
}
