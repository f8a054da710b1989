import { fail, type MlshipError } from "../errors.js";
import { isList, isObject, type Json, type JsonObject } from "./json.js";

/** A layer, an operation of `keras.ops` in a functional model, or a model as a layer. */
export interface Layer {
	/** `Conv2D`; of a class that somebody registered `package>Class`. */
	readonly className: string;
	/** `keras.layers`, `keras.src.ops.numpy`; empty in files of Keras 2. */
	readonly module: string;
	readonly name: string;
	readonly config: JsonObject;
	/** Of the Keras that wrote the file: a few defaults and functions differ. */
	readonly generation: Generation;
	/** The layers that a wrapper, a recurrent layer or a stack of cells holds, by their place in the configuration. */
	readonly children: Readonly<Record<string, readonly Layer[]>>;
	/** Where this is a model. */
	readonly model: Model | undefined;
	/** How a functional model calls it, in order. */
	readonly calls: readonly Call[];
}

export type Generation = 2 | 3;

export interface Call {
	readonly args: readonly Argument[];
	readonly kwargs: Readonly<Record<string, Argument>>;
}

/** What a layer is called with: tensors of other calls, plain values, and lists and dictionaries of them. */
export type Argument =
	| TensorRef
	| { readonly kind: "value"; readonly value: Json }
	| { readonly kind: "list"; readonly items: readonly Argument[] }
	| {
			readonly kind: "map";
			readonly entries: Readonly<Record<string, Argument>>;
	  };

/** Output `index` of call `node` of a layer. */
export interface TensorRef {
	readonly kind: "tensor";
	readonly layer: string;
	readonly node: number;
	readonly index: number;
}

export interface Model {
	readonly kind: "sequential" | "functional";
	readonly name: string;
	readonly layers: readonly Layer[];
	/** Of a functional model. */
	readonly inputs: Argument;
	readonly outputs: Argument;
}

const NOTHING: Argument = { kind: "list", items: [] };

/** Classes that are models by their configuration; any other class of model is code. */
const MODEL_CLASSES: Readonly<Record<string, Model["kind"]>> = {
	Sequential: "sequential",
	Functional: "functional",
	Model: "functional",
};

/**
 * The network that a configuration describes: `{class_name, config}` as Keras 2 and 3 write it (keras
 * saving/serialization_lib.py, legacy/saving/serialization.py). Fails with CORRUPT where something is missing, with
 * UNSUPPORTED for a model that is a class of its own.
 */
export function parseModel(config: JsonObject, generation: Generation): Model {
	const layer = parseLayer(config, generation);
	if (layer.model === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot export model "${layer.name}": ${layer.className} is a class of its own, and its code is not in the file`,
			{
				hint: "export it in Python by model.export(DIR), and add the SavedModel",
				at: { class: layer.className },
			},
		);
	return layer.model;
}

/** Reads `{class_name, config, module?, registered_name?, inbound_nodes?}`. */
export function parseLayer(
	json: Json | undefined,
	generation: Generation,
): Layer {
	if (!isObject(json) || typeof json.class_name !== "string")
		throw malformed("a layer", "it has no class_name");
	const config = isObject(json.config) ? json.config : { layers: json.config };
	const registered = json.registered_name;
	const className =
		typeof registered === "string" && registered.includes(">")
			? registered
			: json.class_name;
	const name = [json.name, config.name].find(
		(candidate) => typeof candidate === "string",
	);
	const kind = Object.hasOwn(MODEL_CLASSES, className)
		? MODEL_CLASSES[className]
		: undefined;
	return {
		className,
		module: typeof json.module === "string" ? json.module : "",
		name: (name as string | undefined) ?? className.toLowerCase(),
		config,
		generation,
		children: parseChildren(config, generation),
		model:
			kind === undefined || config.layers === undefined
				? undefined
				: parseNetwork(kind, config, generation),
		calls: isList(json.inbound_nodes) ? json.inbound_nodes.map(parseCall) : [],
	};
}

/** Where layers hold layers. */
const CHILD_KEYS = ["layer", "backward_layer", "cell", "cells"] as const;

function parseChildren(
	config: JsonObject,
	generation: Generation,
): Record<string, readonly Layer[]> {
	const found: Record<string, readonly Layer[]> = {};
	for (const key of CHILD_KEYS) {
		const value = config[key];
		const items = isList(value) ? value : [value];
		const layers = items.filter(
			(item) => isObject(item) && typeof item.class_name === "string",
		);
		if (layers.length > 0)
			found[key] = layers.map((item) => parseLayer(item, generation));
	}
	return found;
}

function parseNetwork(
	kind: Model["kind"],
	config: JsonObject,
	generation: Generation,
): Model {
	if (!isList(config.layers))
		throw malformed("a model", "its layers are no list");
	const layers = config.layers.map((item) => parseLayer(item, generation));
	return {
		kind,
		name: typeof config.name === "string" ? config.name : kind,
		layers,
		inputs: parsePorts(config.input_layers),
		outputs: parsePorts(config.output_layers),
	};
}

/** `["x", 0, 0]`, a list of such, or a dictionary of such. */
function parsePorts(json: Json | undefined): Argument {
	if (json === undefined || json === null) return NOTHING;
	const ref = tensorRef(json);
	if (ref !== undefined) return ref;
	if (isList(json)) return { kind: "list", items: json.map(parsePorts) };
	if (isObject(json)) return { kind: "map", entries: mapped(json, parsePorts) };
	throw malformed("a model", "its inputs or outputs are no list");
}

function parseCall(json: Json): Call {
	return isList(json) ? legacyCall(json) : currentCall(json);
}

/** Keras 3: `{args, kwargs}`, tensors being `{class_name: "__keras_tensor__", config: {keras_history}}`. */
function currentCall(json: Json): Call {
	if (!isObject(json) || !isList(json.args))
		throw malformed("a call of a layer", "it has no args");
	return {
		args: json.args.map(currentArgument),
		kwargs: isObject(json.kwargs) ? mapped(json.kwargs, currentArgument) : {},
	};
}

function currentArgument(json: Json): Argument {
	if (isList(json)) return { kind: "list", items: json.map(currentArgument) };
	if (!isObject(json)) return { kind: "value", value: json };
	const { class_name: name, config } = json;
	if (name === "__keras_tensor__" && isObject(config)) {
		const ref = tensorRef(config.keras_history);
		if (ref === undefined)
			throw malformed("a call of a layer", "a tensor has no history");
		return ref;
	}
	if (name === "__tuple__" && isList(config))
		return { kind: "list", items: config.map(currentArgument) };
	if (typeof name === "string") return { kind: "value", value: json };
	return { kind: "map", entries: mapped(json, currentArgument) };
}

/** Keras 2: a list of `["layer", node, index, {kwargs}]`, a single one of such, or a dictionary of such. */
function legacyCall(json: readonly Json[]): Call {
	const isSingle = tensorRef(json) !== undefined || json[0] === CONSTANT;
	const inputs = isSingle ? [json] : json;
	const refs = inputs.map(legacyArgument);
	const [first] = inputs;
	const extra = isList(first) && isObject(first[3]) ? first[3] : {};
	return {
		args: [refs.length === 1 ? refs[0] : { kind: "list", items: refs }],
		kwargs: mapped(extra, legacyKeyword),
	};
}

const CONSTANT = "_CONSTANT_VALUE";

function legacyArgument(json: Json): Argument {
	if (isList(json) && json[0] === CONSTANT)
		return { kind: "value", value: json[2] };
	const ref = tensorRef(json);
	if (ref !== undefined) return ref;
	if (isObject(json))
		return { kind: "map", entries: mapped(json, legacyArgument) };
	if (isList(json)) return { kind: "list", items: json.map(legacyArgument) };
	throw malformed("a call of a layer", "an input is no tensor");
}

/** Plain values stand among tensors here. */
function legacyKeyword(json: Json): Argument {
	if (isList(json) && json[0] === CONSTANT)
		return { kind: "value", value: json[2] };
	const ref = tensorRef(json);
	if (ref !== undefined) return ref;
	if (isList(json)) return { kind: "list", items: json.map(legacyKeyword) };
	if (isObject(json) && typeof json.class_name !== "string")
		return { kind: "map", entries: mapped(json, legacyKeyword) };
	return { kind: "value", value: json };
}

function tensorRef(json: Json | undefined): TensorRef | undefined {
	if (!isList(json) || json.length < 3) return undefined;
	const [layer, node, index] = json;
	return typeof layer === "string" &&
		Number.isSafeInteger(node) &&
		Number.isSafeInteger(index)
		? { kind: "tensor", layer, node: Number(node), index: Number(index) }
		: undefined;
}

function mapped(
	json: JsonObject,
	parse: (value: Json) => Argument,
): Record<string, Argument> {
	return Object.fromEntries(
		Object.entries(json).map(([key, value]) => [key, parse(value ?? null)]),
	);
}

function malformed(what: string, reason: string): MlshipError {
	return fail("CORRUPT", `cannot read ${what} of the configuration: ${reason}`);
}
