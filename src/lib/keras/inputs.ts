import { fail, type MlshipError } from "../errors.js";
import { type DType, isDType } from "../tensor/dtype.js";
import { isList, isObject, type Json } from "./json.js";
import type { Layer, Model } from "./model.js";
import { isInput, refsOf } from "./network.js";

/** What a model takes under one name. */
export interface InputSpec {
	readonly name: string;
	/** In the signature. */
	readonly dtype: DType;
	/** -1 where it may be any. */
	readonly shape: readonly number[];
	/** What the layers compute with. */
	readonly computed: DType;
}

/** The inputs of a model in order. Fails with INVALID where the file does not say what it takes. */
export function inputSpecs(model: Model): InputSpec[] {
	if (model.kind === "functional")
		return refsOf(model.inputs).map(({ layer: name }) => {
			const layer = model.layers.find((candidate) => candidate.name === name);
			if (layer === undefined)
				throw fail(
					"CORRUPT",
					`cannot read the inputs of model "${model.name}": it has no layer "${name}"`,
				);
			return specOf(layer, layer.name);
		});
	const [first] = model.layers;
	if (first === undefined) throw unbuilt(model);
	if (isInput(first)) return [specOf(first, first.name)];
	// Keras 2 tells it at the first layer, and names the input after it
	if (first.model !== undefined)
		return inputSpecs(first.model).map((spec) => ({
			...spec,
			name: `${first.name}_input`,
		}));
	if (shapeOf(first) === undefined) throw unbuilt(model);
	return [specOf(first, `${first.name}_input`)];
}

function specOf(layer: Layer, name: string): InputSpec {
	const { config } = layer;
	const shape = shapeOf(layer);
	if (shape === undefined)
		throw fail(
			"INVALID",
			`cannot export input "${name}": the file does not say its shape`,
		);
	if (config.sparse === true || config.ragged === true)
		throw fail(
			"UNSUPPORTED",
			`cannot export input "${name}": it is ${config.sparse === true ? "sparse" : "ragged"}`,
		);
	const dtype = typeOf(config.dtype);
	return { name, dtype, computed: dtype, shape };
}

function shapeOf({ config }: Layer): number[] | undefined {
	const shape =
		config.batch_shape ??
		config.batch_input_shape ??
		(isList(config.input_shape) ? [null, ...config.input_shape] : undefined);
	if (!isList(shape)) return undefined;
	return shape.map((length) => {
		if (length === null) return -1;
		if (Number.isSafeInteger(length) && Number(length) >= 0)
			return Number(length);
		throw fail(
			"CORRUPT",
			`cannot read the shape of an input: ${JSON.stringify(shape)}`,
		);
	});
}

function typeOf(json: Json | undefined): DType {
	const inner =
		isObject(json) && isObject(json.config) ? json.config.name : json;
	if (inner === undefined || inner === null) return "float32";
	if (typeof inner === "string") {
		if (inner.startsWith("mixed_")) return "float32";
		if (isDType(inner)) return inner;
	}
	throw fail("CORRUPT", `cannot read the type of an input: ${String(inner)}`);
}

function unbuilt({ name }: Model): MlshipError {
	return fail(
		"INVALID",
		`cannot export model "${name}": the file does not say what it takes`,
		{
			hint: "call the model on an example, or give it a keras.Input, before it is saved",
		},
	);
}
