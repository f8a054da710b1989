import type {
	StructuredValue,
	TensorSpecProto,
} from "../../gen/saved_model_pb.js";
import type { TensorShapeProto } from "../../gen/tensor_pb.js";
import {
	dataTypeName,
	dtypeFromNumber,
	isDTypeNumber,
} from "../../lib/tensor/dtype.js";

/**
 * `str(value)` of a value of a SavedModel's functions, as Python prints it after TensorFlow has decoded it
 * (saved_model/nested_structure_coder.py).
 */
export function pythonStr({ kind }: StructuredValue): string {
	if (kind.case === undefined) return "None";
	const { str, repr } = KINDS[kind.case];
	return (str ?? repr)(kind.value as never);
}

/** `repr(value)`. */
export function pythonRepr({ kind }: StructuredValue): string {
	return kind.case === undefined
		? "None"
		: KINDS[kind.case].repr(kind.value as never);
}

/** `type(value).__name__`. */
export function pythonType({ kind }: StructuredValue): string {
	if (kind.case === undefined) return "NoneType";
	const { type } = KINDS[kind.case];
	return typeof type === "string" ? type : type(kind.value as never);
}

/** `repr` of a string: in single quotes, or in double ones where it has only single ones. */
export function stringRepr(text: string): string {
	const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
	const escaped = text.replace(/[\\'"\p{Cc}]/gu, (character) => {
		if (character === "'" || character === '"')
			return character === quote ? `\\${quote}` : character;
		return ESCAPES[character] ?? hexEscape(character);
	});
	return quote + escaped + quote;
}

type Kind = StructuredValue["kind"];
type Case = NonNullable<Kind["case"]>;
type ValueOf<C extends Case> = Extract<Kind, { case: C }>["value"];

interface Printer<Value> {
	readonly type: string | ((value: Value) => string);
	readonly repr: (value: Value) => string;
	/** Where it differs from `repr`. */
	readonly str?: (value: Value) => string;
}

const KINDS: { readonly [C in Case]: Printer<ValueOf<C>> } = {
	noneValue: { type: "NoneType", repr: () => "None" },
	boolValue: { type: "bool", repr: (value) => (value ? "True" : "False") },
	int64Value: { type: "int", repr: String },
	float64Value: { type: "float", repr: floatRepr },
	stringValue: { type: "str", repr: stringRepr, str: (value) => value },
	tensorShapeValue: {
		type: "TensorShape",
		repr: (shape) =>
			`TensorShape(${shape.unknownRank ? "None" : listOf(dims(shape))})`,
		str: shapeStr,
	},
	tensorDtypeValue: {
		type: "DType",
		repr: (number) => `tf.${dtypeName(number)}`,
		str: (number) => `<dtype: '${dtypeName(number)}'>`,
	},
	tensorSpecValue: {
		type: "TensorSpec",
		repr: (spec) => specRepr("TensorSpec", spec),
	},
	boundedTensorSpecValue: {
		type: "BoundedTensorSpec",
		repr: (spec) => specRepr("BoundedTensorSpec", spec),
	},
	typeSpecValue: {
		type: (spec) => spec.typeSpecClassName,
		repr: ({ typeSpecClassName, typeState }) =>
			typeSpecClassName +
			(typeState === undefined ? "()" : pythonRepr(typeState)),
	},
	listValue: {
		type: "list",
		repr: ({ values }) => listOf(values.map(pythonRepr)),
	},
	tupleValue: {
		type: "tuple",
		repr: ({ values }) => tupleOf(values.map(pythonRepr)),
	},
	dictValue: {
		type: "dict",
		repr: ({ fields }) =>
			`{${Object.entries(fields)
				.map(([key, value]) => `${stringRepr(key)}: ${pythonRepr(value)}`)
				.join(", ")}}`,
	},
	namedTupleValue: {
		type: ({ name }) => name,
		repr: ({ name, values }) =>
			`${name}(${values
				.map(({ key, value }) => `${key}=${value ? pythonRepr(value) : "None"}`)
				.join(", ")})`,
	},
	// Arrays that are defaults of arguments; their elements are not worth a printer.
	tensorValue: { type: "EagerTensor", repr: () => "<tf.Tensor>" },
	numpyValue: { type: "ndarray", repr: () => "array(…)" },
};

const ESCAPES: Readonly<Record<string, string>> = {
	"\\": "\\\\",
	"\n": "\\n",
	"\r": "\\r",
	"\t": "\\t",
};

function hexEscape(character: string): string {
	return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** Python writes small and large numbers with an exponent of at least two digits, and whole ones with `.0`. */
function floatRepr(value: number): string {
	if (Number.isNaN(value)) return "nan";
	if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
	const magnitude = Math.abs(value);
	if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16))
		return value
			.toExponential()
			.replace(/e([+-])(\d)$/, (_, sign, digit) => `e${sign}0${digit}`);
	return Number.isInteger(value)
		? `${Object.is(value, -0) ? "-0" : value}.0`
		: String(value);
}

function dtypeName(number: number): string {
	return isDTypeNumber(number)
		? dtypeFromNumber(number)
		: dataTypeName(number).replace("DT_", "").toLowerCase();
}

function specRepr(
	name: string,
	{
		shape,
		dtype,
		name: given,
	}: Pick<TensorSpecProto, "shape" | "dtype" | "name">,
): string {
	const label = given === "" ? "None" : stringRepr(given);
	return `${name}(shape=${shape === undefined ? "()" : shapeStr(shape)}, dtype=tf.${dtypeName(dtype)}, name=${label})`;
}

function shapeStr(shape: TensorShapeProto): string {
	return shape.unknownRank ? "<unknown>" : tupleOf(dims(shape));
}

function dims({ dim }: TensorShapeProto): string[] {
	return dim.map(({ size }) => (size < 0n ? "None" : String(size)));
}

function listOf(items: readonly string[]): string {
	return `[${items.join(", ")}]`;
}

function tupleOf(items: readonly string[]): string {
	return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
}
