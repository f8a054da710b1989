import { DTYPES, type DType } from "../../tensor/dtype.js";
import type { Actual, LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import { isList, type Json } from "../json.js";
import { arrayOf, toNumber, unsupported } from "../settings.js";

/** What an operation does in one call; its plain settings are the layer's configuration. */
export type Operation = (scope: LayerScope) => Value | readonly Value[];

const FLOATS: readonly DType[] = ["float64", "float32", "bfloat16", "float16"];
const INTEGERS: readonly DType[] = [
	"int64",
	"uint32",
	"int32",
	"uint16",
	"int16",
	"int8",
	"uint8",
];

/** The arguments in order as values of one type, numbers taking that of the tensors (keras backend/common/dtypes.py). */
export function alike(
	scope: LayerScope,
	count: number,
	{ asFloat = false }: { readonly asFloat?: boolean } = {},
): readonly Value[] {
	const given = scope.call.args.slice(0, count);
	const dtype = commonType(scope, given, asFloat);
	return given.map((actual) => operandOf(scope, actual, dtype));
}

/** An argument as a value; a number, or lists of them, in a type. */
export function operandOf(
	scope: LayerScope,
	actual: Actual | undefined,
	dtype: DType,
): Value {
	if (actual?.kind === "tensor") return scope.graph.cast(actual.flow, dtype);
	const plain = actual === undefined ? undefined : arrayOf(plainOf(actual));
	const shape: number[] = [];
	for (let at: Json | undefined = plain; isList(at); at = at[0])
		shape.push(at.length);
	const values = flat(plain).map((value) =>
		typeof value === "boolean" ? Number(value) : toNumber(value),
	);
	const known = values.filter((value) => value !== undefined);
	if (plain === undefined || known.length < values.length)
		throw unsupported(scope.layer, "one of its arguments is no number");
	return scope.graph.array(dtype, shape, known);
}

/** The first argument, a tensor. */
export function tensorOf(scope: LayerScope, index = 0): Value {
	const actual = scope.call.args[index];
	if (actual?.kind !== "tensor")
		throw unsupported(scope.layer, "its argument is no tensor");
	return actual.flow;
}

/** Plain values of an argument; undefined where a tensor is among them. */
export function plainOf(actual: Actual): Json | undefined {
	if (actual.kind === "value") return actual.value;
	if (actual.kind === "tensor") return undefined;
	const parts =
		actual.kind === "list" ? actual.items : Object.values(actual.entries);
	const items = parts.map(plainOf);
	if (!items.every((item) => item !== undefined)) return undefined;
	if (actual.kind === "list") return items;
	const keys = Object.keys(actual.entries);
	return Object.fromEntries(keys.map((key, i) => [key, items[i]]));
}

/** A shape, or places along axes, as a list of int32: numbers, and scalars that the graph computes. */
export function sizesOf(scope: LayerScope, actual: Actual | undefined): Value {
	const { graph, layer } = scope;
	if (actual?.kind === "tensor") return graph.cast(actual.flow, "int32");
	const plain = actual === undefined ? undefined : plainOf(actual);
	const items = isList(plain) ? plain : [plain];
	if (items.every((item) => Number.isSafeInteger(item)))
		return graph.ints(items.map(Number));
	if (actual?.kind !== "list")
		throw unsupported(layer, `its size is ${JSON.stringify(plain)}`);
	return graph.op(
		"Pack",
		actual.items.map((item) => operandOf(scope, item, "int32")),
	);
}

/** An argument by name, where it is a plain value: of the call, or of the configuration. */
export function settingOf(scope: LayerScope, name: string): Json | undefined {
	const given = scope.call.kwargs[name];
	const plain = given === undefined ? undefined : plainOf(given);
	return plain ?? scope.layer.config[name];
}

function commonType(
	{ layer }: LayerScope,
	given: readonly Actual[],
	asFloat: boolean,
): DType {
	const types = given.flatMap((actual) =>
		actual.kind === "tensor" ? [actual.flow.dtype] : [],
	);
	const float = FLOATS.find((type) => types.includes(type));
	if (float !== undefined) return float;
	const hasFraction = given.some((actual) =>
		flat(arrayOf(plainOf(actual))).some(
			(value) => typeof value === "number" && !Number.isInteger(value),
		),
	);
	if (asFloat || hasFraction) return "float32";
	const integer = INTEGERS.find((type) => types.includes(type));
	if (integer !== undefined) return integer;
	if (types.includes("bool"))
		return given.length === types.length ? "bool" : "int32";
	const [first] = types;
	if (first === undefined) throw unsupported(layer, "it has no tensor");
	return first;
}

/** Floating point numbers as they are, others as float32. */
export function floating(graph: LayerScope["graph"], x: Value): Value {
	return isFloating(x.dtype) ? x : graph.cast(x, "float32");
}

function flat(value: Json | undefined): (Json | undefined)[] {
	return isList(value) ? value.flatMap(flat) : [value];
}

export function isFloating(dtype: DType): boolean {
	return DTYPES[dtype].kind === "float" || DTYPES[dtype].kind === "half";
}
