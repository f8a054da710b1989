import { fail, type MlshipError } from "../errors.js";
import { type DType, isDType } from "../tensor/dtype.js";
import { isList, isObject, type Json } from "./json.js";
import type { Layer } from "./model.js";

/** A whole number of a layer's configuration. Fails with CORRUPT, naming the layer. */
export function integer(layer: Layer, name: string, usual?: number): number {
	const value = setting(layer, name, usual);
	if (typeof value === "number" && Number.isSafeInteger(value)) return value;
	// Keras 2 writes some whole numbers as [n]
	if (isList(value) && value.length === 1 && Number.isSafeInteger(value[0]))
		return Number(value[0]);
	throw wrong(layer, name, "a whole number");
}

export function real(layer: Layer, name: string, usual?: number): number {
	const value = toNumber(setting(layer, name, usual));
	if (value === undefined) throw wrong(layer, name, "a number");
	return value;
}

/** A number, or nothing where the configuration says null. */
export function realOrNone(layer: Layer, name: string): number | undefined {
	const value = layer.config[name];
	return value === null || value === undefined ? undefined : real(layer, name);
}

export function flag(layer: Layer, name: string, usual?: boolean): boolean {
	const value = setting(layer, name, usual);
	if (typeof value !== "boolean") throw wrong(layer, name, "true or false");
	return value;
}

export function word(layer: Layer, name: string, usual?: string): string {
	const value = setting(layer, name, usual);
	if (typeof value !== "string") throw wrong(layer, name, "a word");
	return value;
}

/** Whole numbers; a single one stands for `count` of it. */
export function integers(
	layer: Layer,
	name: string,
	count?: number,
	usual?: readonly number[],
): number[] {
	const value = toList(setting(layer, name, usual));
	if (Number.isSafeInteger(value) && count !== undefined)
		return new Array<number>(count).fill(Number(value));
	if (isList(value) && value.every((item) => Number.isSafeInteger(item)))
		if (count === undefined || value.length === count) return value.map(Number);
	throw wrong(
		layer,
		name,
		count === undefined ? "whole numbers" : `${count} whole numbers`,
	);
}

/** Numbers in nested lists, as an array of numpy is written; undefined for null. */
export function numbers(
	layer: Layer,
	name: string,
): { readonly shape: number[]; readonly values: number[] } | undefined {
	const value = arrayOf(layer.config[name]);
	if (value === null || value === undefined) return undefined;
	const shape: number[] = [];
	for (let at: Json | undefined = value; isList(at); at = at[0])
		shape.push(at.length);
	const values = flat(value).map(toNumber);
	const count = shape.reduce((product, size) => product * size, 1);
	if (values.length !== count || values.some((item) => item === undefined))
		throw wrong(layer, name, "numbers");
	return { shape, values: values as number[] };
}

/** The texts of a list. */
export function words(layer: Layer, name: string): string[] {
	const value = toList(layer.config[name] ?? null);
	if (isList(value) && value.every((item) => typeof item === "string"))
		return value as string[];
	throw wrong(layer, name, "words");
}

/** The element types that a layer computes in and keeps its weights in (keras dtype_policies). */
export interface Policy {
	readonly compute: DType;
	readonly variable: DType;
}

const MIXED: Readonly<Record<string, DType>> = {
	mixed_float16: "float16",
	mixed_bfloat16: "bfloat16",
};

/** Fails with UNSUPPORTED for a policy that is neither a type nor mixed, as those of quantized layers. */
export function policyOf(layer: Layer): Policy {
	const { dtype } = layer.config;
	const inner = isObject(dtype) && isObject(dtype.config) ? dtype.config : {};
	const name = isObject(dtype) ? inner.name : (dtype ?? "float32");
	if (typeof name === "string") {
		if (Object.hasOwn(MIXED, name))
			return { compute: MIXED[name], variable: "float32" };
		if (isDType(name)) return { compute: name, variable: name };
	}
	const source = quantizedFrom(layer)?.source;
	if (source !== undefined) return policyOf(withPolicy(layer, source));
	throw fail(
		"UNSUPPORTED",
		`cannot export layer "${layer.name}": its policy of element types is ${JSON.stringify(name ?? dtype)}`,
		{ at: { layer: layer.name, class: layer.className } },
	);
}

/** How a layer's weights are made small, `int8`; undefined where they are not. */
export function quantizationOf(layer: Layer): string | undefined {
	const { quantization_mode: mode } = layer.config;
	return typeof mode === "string" ? mode : quantizedFrom(layer)?.mode;
}

/** `{class_name: "QuantizedDTypePolicy", config: {mode, source_name}}`, or the older `int8_from_float32`. */
function quantizedFrom({ config: { dtype } }: Layer) {
	const config = isObject(dtype) ? dtype.config : undefined;
	if (!isObject(config)) return undefined;
	const { mode, source_name: source, name } = config;
	if (typeof mode === "string" && typeof source === "string")
		return { mode, source };
	const found = typeof name === "string" && /^(\w+)_from_(\w+)$/.exec(name);
	return found ? { mode: found[1], source: found[2] } : undefined;
}

function withPolicy(layer: Layer, dtype: string): Layer {
	return { ...layer, config: { ...layer.config, dtype } };
}

/** A layer that says what we cannot do. */
export function unsupported(layer: Layer, reason: string): MlshipError {
	return fail(
		"UNSUPPORTED",
		`cannot export layer "${layer.name}" (${layer.className}): ${reason}`,
		{ at: { layer: layer.name, class: layer.className } },
	);
}

/** A number, also one that Python writes as NaN or Infinity (see `parseConfig`), or as an array of one element. */
export function toNumber(value: Json | undefined): number | undefined {
	const plain = arrayOf(value);
	if (typeof plain === "number") return plain;
	if (plain === "NaN" || plain === "Infinity" || plain === "-Infinity")
		return Number(plain);
	return undefined;
}

function flat(value: Json): Json[] {
	return isList(value) ? value.flatMap(flat) : [value];
}

/** What `{class_name: "__numpy__", config: {value}}` and its like hold. */
export function arrayOf(value: Json | undefined): Json | undefined {
	if (!isObject(value)) return value;
	const { config } = value;
	return isObject(config) && config.value !== undefined ? config.value : value;
}

/** What `__tuple__` and arrays hold. */
function toList(value: Json): Json {
	const plain = arrayOf(value) ?? null;
	return isObject(plain) && isList(plain.config) ? plain.config : plain;
}

function setting(layer: Layer, name: string, usual: Json | undefined): Json {
	return layer.config[name] ?? usual ?? null;
}

function wrong(layer: Layer, name: string, wanted: string): MlshipError {
	const found = JSON.stringify(layer.config[name] ?? null).slice(0, 60);
	return fail(
		"CORRUPT",
		`cannot read "${name}" of layer "${layer.name}" (${layer.className}): found ${found}, wanted ${wanted}`,
		{ at: { layer: layer.name, class: layer.className } },
	);
}
