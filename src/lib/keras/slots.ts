import type { HeldLayer } from "./entry.js";
import { entryOf } from "./layers/index.js";
import type { Layer, Model } from "./model.js";
import { isInput } from "./network.js";
import { isFunction, isOperation } from "./operations/index.js";
import { flag } from "./settings.js";

/** A weight of a model: whose it is, and where files keep it. */
export interface Slot {
	readonly owner: Layer;
	readonly name: string;
	/** Below the layer or model that was asked for, in a `.keras` file. */
	readonly path: string;
	readonly trainable: boolean;
	/** Text that only the assets of a `.keras` file have. */
	readonly asset: boolean;
}

/** All weights of a layer and of those inside it, in the order in which Keras creates them. */
export function slotsOf(layer: Layer): Slot[] {
	if (layer.model !== undefined) return modelSlots(layer.model);
	const entry = entryOf(layer);
	const own = entry.weights?.(layer) ?? [];
	const trains = flag(layer, "trainable", true);
	return [
		...own.map(({ name, path, trainable = true, asset = false }, i) => ({
			owner: layer,
			name,
			path: path ?? `vars/${i}`,
			trainable: trainable && trains,
			asset,
		})),
		...(entry.holds?.(layer) ?? []).flatMap(below),
	];
}

export function modelSlots(model: Model): Slot[] {
	return namedLayers(model).flatMap(below);
}

/** As `.h5` files have them: what is trained before what is not (keras legacy_h5_format.py, _legacy_weights). */
export function legacyOrder(slots: readonly Slot[]): Slot[] {
	return [
		...slots.filter(({ trainable }) => trainable),
		...slots.filter(({ trainable }) => !trainable),
	];
}

/** Classes that configurations know by another name than their code, which names the groups. */
const CODE_NAMES: Readonly<Record<string, string>> = {
	GroupQueryAttention: "GroupedQueryAttention",
};

/** The layers of a model under the names that a `.keras` file gives them: by class and number (saving_lib.py). */
export function namedLayers(model: Model): HeldLayer[] {
	const used = new Map<string, number>();
	return model.layers.filter(isLayer).map((layer) => {
		const plain = layer.className.replace(/^.*>/, "");
		const name = snakeCase(CODE_NAMES[plain] ?? plain);
		const count = used.get(name) ?? 0;
		used.set(name, count + 1);
		return {
			path: `layers/${count === 0 ? name : `${name}_${count}`}`,
			layer,
		};
	});
}

/**
 * Operations of `keras.ops` stand among the layers of a functional model, and are none. An `.h5` file does not say where a
 * class comes from: of two with one name only the layer can be trained.
 */
export function isLayer(layer: Layer): boolean {
	const { module, config, generation, model } = layer;
	if (isFunction(layer.className)) return false;
	if (module !== "") return !/\.ops\./.test(module);
	return (
		generation === 2 ||
		model !== undefined ||
		isInput(layer) ||
		config.trainable !== undefined ||
		!isOperation(layer.className)
	);
}

/** `Conv2DTranspose` is `conv2d_transpose` (keras utils/naming.py). */
export function snakeCase(name: string): string {
	return name
		.replace(/\W+/g, "")
		.replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
		.replace(/([a-z])([A-Z])/g, "$1_$2")
		.toLowerCase();
}

function below({ path, layer }: HeldLayer): Slot[] {
	return slotsOf(layer).map((slot) => ({
		...slot,
		path: `${path}/${slot.path}`,
	}));
}
