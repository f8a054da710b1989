import { fail } from "../errors.js";
import type { Constant } from "../tensor/constant.js";
import { showShape } from "../tensor/tensor.js";
import type { Layer, Model } from "./model.js";
import { namedLayers, type Slot, slotsOf } from "./slots.js";

/** Weights of a model by the layer that has them and its name for them. */
export type Weights = ReadonlyMap<Layer, ReadonlyMap<string, Constant>>;

/** Where a file keeps weights, by its own order or names. */
export interface WeightSource {
	/** Those of a layer of the model, in the order of `slots`; fails with INVALID, expected and found, where they do not fit. */
	find(layer: Layer, path: string, slots: readonly Slot[]): readonly Constant[];
}

/** Finds the weights of all layers, unread. */
export function bindWeights(model: Model, source: WeightSource): Weights {
	const weights = new Map<Layer, Map<string, Constant>>();
	for (const { layer, path } of namedLayers(model)) {
		const slots = slotsOf(layer);
		if (slots.length === 0) continue;
		const found = source.find(layer, path, slots);
		for (const [i, { owner, name }] of slots.entries()) {
			const own = weights.get(owner) ?? new Map<string, Constant>();
			weights.set(owner, own.set(name, found[i]));
		}
	}
	return weights;
}

/** A weight of a layer; fails with INVALID where its shape is another one, -1 standing for any length. */
export function fitting(
	weights: Weights,
	layer: Layer,
	name: string,
	shape: readonly number[],
): Constant {
	const own = weights.get(layer);
	const found = own?.get(name);
	if (
		found === undefined ||
		found.shape.length !== shape.length ||
		shape.some((length, i) => length >= 0 && length !== found.shape[i])
	)
		throw misfit(
			layer,
			`${name} ${showShape(shape)}`,
			[...(own ?? [])].map(
				([key, { shape: has }]) => `${key} ${showShape(has)}`,
			),
		);
	return found;
}

/** The difference between what a layer needs and what a file has. */
export function misfit(
	layer: Layer,
	expected: string,
	found: readonly string[],
) {
	const shown =
		found.length > MAX_SHOWN
			? [...found.slice(0, MAX_SHOWN), `${found.length - MAX_SHOWN} more`]
			: found;
	return fail(
		"INVALID",
		`cannot fit the weights of the file to layer "${layer.name}" (${layer.className}): expected ${expected}, found ${shown.length === 0 ? "none" : shown.join(", ")}`,
		{ at: { layer: layer.name, class: layer.className } },
	);
}

/** A vocabulary that was learned, and is not where the file would have it. */
export function missingText({ owner, name }: Slot) {
	return fail(
		"INVALID",
		`cannot export layer "${owner.name}" (${owner.className}): the file does not keep its ${name}`,
		{
			hint: "save the model as a .keras file, or give the layer its words: vocabulary=layer.get_vocabulary()",
			at: { layer: owner.name, class: owner.className },
		},
	);
}

/** Fails where a layer wants what only a `.keras` file keeps. */
export function rejectTexts(slots: readonly Slot[]): void {
	const text = slots.find(({ asset }) => asset);
	if (text !== undefined) throw missingText(text);
}

const MAX_SHOWN = 12;
