import { fail } from "../../../../errors.js";
import { constantAttr } from "../../../../graph/attrs.js";
import type { lookupOps } from "../../../../ops/lookup.js";
import type { DType } from "../../../../tensor/dtype.js";
import { allocate, type Tensor } from "../../../../tensor/tensor.js";
import { expressions } from "../../expression.js";
import type { OnnxAttrs } from "../../graph.js";
import type { LowerContext, LoweringTable, OnnxValue } from "../../lowering.js";

/** A key becomes its number in the table, and that its value: values of every type, and a default that is computed. */
const lookup = (context: LowerContext): OnnxValue => {
	const { node, emit, input, initializer } = context;
	const keys = constantAttr(node, "keys").read();
	const values = constantAttr(node, "values").read();
	const { less, max, where } = expressions(context);
	const fallback = input(1);
	// a table of nothing has no values to choose from
	const isEmpty = keys.shape[0] === 0;
	const rows = isEmpty
		? [
				{ ...keys, shape: [1], data: oneOf(keys) },
				{ ...values, shape: [1], data: oneOf(values) },
			]
		: [keys, values];
	const number = emit(
		"LabelEncoder",
		[context.cast(input(0), keyType(keys.dtype))],
		{
			...keyAttrs(rows[0]),
			values_int64s: Array.from({ length: rows[0].shape[0] }, (_, i) =>
				isEmpty ? -1 : i,
			),
			default_int64: -1,
		},
		{ dtype: "int64", domain: "ai.onnx.ml" },
	);
	const found = emit("Gather", [initializer(rows[1]), max(number, 0)]);
	return where(less(number, 0), fallback, found);
};

function oneOf({ dtype }: Tensor): Tensor["data"] {
	return dtype === "string" ? [new Uint8Array(0)] : allocate(dtype, 1);
}

/** In which type LabelEncoder has keys. */
function keyType(dtype: DType): DType {
	const type = KEY_TYPES[dtype];
	if (type === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot lower a table with keys of ${dtype}: ONNX has string, int64 and float32`,
		);
	return type;
}

const KEY_TYPES: Readonly<Partial<Record<DType, DType>>> = {
	string: "string",
	int64: "int64",
	int32: "int64",
	float32: "float32",
};

function keyAttrs({ dtype, data }: Tensor): OnnxAttrs {
	if (dtype === "string")
		return { keys_strings: { strings: (data as Uint8Array[]).map(textOf) } };
	const numbers = Array.from(data as ArrayLike<number | bigint>, Number);
	if (dtype === "float32") return { keys_floats: { floats: numbers } };
	const far = numbers.find((number) => !Number.isSafeInteger(number));
	if (far === undefined) return { keys_int64s: numbers };
	throw fail(
		"UNSUPPORTED",
		`cannot lower a table with key ${far}: attributes of ONNX are exact up to 2^53 here`,
	);
}

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
	try {
		return DECODER.decode(bytes);
	} catch {
		throw fail(
			"UNSUPPORTED",
			"cannot lower a table with a key that is no text in UTF-8: ONNX has text alone",
		);
	}
}

export const lookupLowerings: LoweringTable<typeof lookupOps> = {
	_Lookup: lookup,
};
