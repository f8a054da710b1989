import { OP_DEFS } from "../../gen/opdefs.js";
import { fail } from "../errors.js";
import type { Attr, Attrs } from "../graph/ir.js";
import { type DType, isDType } from "../tensor/dtype.js";

/** One named argument: a tensor, `numberAttr` tensors of one type, or as many tensors as the list `typeListAttr` has types. */
export interface Arg {
	readonly name: string;
	readonly type?: DType;
	readonly typeAttr?: string;
	readonly numberAttr?: string;
	readonly typeListAttr?: string;
	/** A TensorFlow 1 reference: the variable itself, not its value. */
	readonly ref: boolean;
}

export interface AttrDef {
	/** TensorFlow's spelling: `int`, `type`, `list(shape)`. */
	readonly type: string;
	readonly default?: Attr;
}

/** What TensorFlow's registry says of an operation (op_def.proto). */
export interface OpDef {
	readonly name: string;
	readonly inputs: readonly Arg[];
	readonly outputs: readonly Arg[];
	readonly attrs: ReadonlyMap<string, AttrDef>;
	readonly stateful: boolean;
}

/** The definition of an operation that TensorFlow registers; a row is parsed when first asked for. */
export function opDef(name: string): OpDef | undefined {
	rows ??= new Map(
		OP_DEFS.split("\n").map((row) => [/^[^ !]+/.exec(row)?.[0] ?? "", row]),
	);
	const known = parsed.get(name);
	if (known !== undefined) return known;
	const row = rows.get(name);
	if (row === undefined) return undefined;
	const definition = parseOpDef(row);
	parsed.set(name, definition);
	return definition;
}

let rows: ReadonlyMap<string, string> | undefined;
const parsed = new Map<string, OpDef>();

/** Reads a row of `OP_DEFS`; fixtures/opdefs.py, which writes them, explains the format. */
export function parseOpDef(row: string): OpDef {
	const [head, ...words] = row.split(" ");
	const arrow = words.indexOf("->");
	const semicolon = words.indexOf(";", arrow);
	return {
		name: head.replace("!", ""),
		inputs: words.slice(0, arrow).map(parseArg),
		outputs: words.slice(arrow + 1, semicolon).map(parseArg),
		attrs: new Map(words.slice(semicolon + 1).map(parseAttr)),
		stateful: head.endsWith("!"),
	};
}

function parseArg(word: string): Arg {
	const [, ref, name, many, type] = /^(&?)(\w+):(?:(\w*)\*)?(\w+)$/.exec(
		word,
	) as unknown as string[];
	const base = { name, ref: ref !== "" };
	if (many === "") return { ...base, typeListAttr: type };
	return {
		...base,
		...(isDType(type) ? { type } : { typeAttr: type }),
		...(many === undefined ? {} : { numberAttr: many }),
	};
}

const KINDS: Readonly<Record<string, string>> = {
	s: "string",
	i: "int",
	f: "float",
	b: "bool",
	t: "type",
	h: "shape",
	n: "tensor",
	F: "func",
};

function parseAttr(word: string): [string, AttrDef] {
	const [, name, list, kind, value] = /^(\w+):(\[?)(\w)(?:=(.+))?$/.exec(
		word,
	) as unknown as string[];
	const type = list === "" ? KINDS[kind] : `list(${KINDS[kind]})`;
	if (value === undefined) return [name, { type }];
	const json: unknown = JSON.parse(value);
	const decode = DECODERS[kind] ?? ((plain: unknown) => plain as Attr);
	return [
		name,
		{
			type,
			default:
				list === "" ? decode(json) : (json as readonly unknown[]).map(decode),
		},
	];
}

/** Kinds whose default is not simply its JSON. A float attribute has 32 bits in TensorFlow, and reads as such from a file. */
const DECODERS: Readonly<Record<string, (json: unknown) => Attr>> = {
	f: (json) => Math.fround(Number(json)),
	h: (json) => ({ dims: (json as readonly number[] | null) ?? undefined }),
};

/** How many outputs a node of this operation has, lists counted by its attributes. */
export function outputCount(definition: OpDef, attrs: Attrs): number {
	return argNames(definition, definition.outputs, attrs).length;
}

/**
 * The flat position of element `index` of the output `outputArg`: bodies of functions refer to outputs as
 * `node:output_arg:index` (function.proto). Fails with CORRUPT for an output that is not there.
 */
export function outputIndex(
	definition: OpDef,
	attrs: Attrs,
	outputArg: string,
	index: number,
): number {
	let position = 0;
	for (const arg of definition.outputs) {
		const count = argCount(definition, arg, attrs);
		if (arg.name === outputArg && index < count) return position + index;
		position += count;
	}
	throw fail(
		"CORRUPT",
		`cannot find output "${outputArg}:${index}" of ${definition.name}: it has ${argNames(definition, definition.outputs, attrs).join(", ") || "none"}`,
		{ at: { op: definition.name } },
	);
}

/** The name of each flat input in order, elements of lists as `values[0]`; control inputs are not among them. */
export function inputNames(definition: OpDef, attrs: Attrs): readonly string[] {
	return argNames(definition, definition.inputs, attrs);
}

function argNames(
	definition: OpDef,
	args: readonly Arg[],
	attrs: Attrs,
): readonly string[] {
	return args.flatMap((arg) =>
		arg.numberAttr === undefined && arg.typeListAttr === undefined
			? [arg.name]
			: Array.from(
					{ length: argCount(definition, arg, attrs) },
					(_, i) => `${arg.name}[${i}]`,
				),
	);
}

/** Far above what graphs have: `Split` into 2^16 outputs. The number comes from a file. */
const MAX_LIST = 2 ** 16;

function argCount(
	definition: OpDef,
	{ numberAttr, typeListAttr }: Arg,
	attrs: Attrs,
): number {
	const name = numberAttr ?? typeListAttr;
	if (name === undefined) return 1;
	const value = attrs[name] ?? definition.attrs.get(name)?.default;
	const count = Array.isArray(value) ? value.length : value;
	if (typeof count !== "number" || !(count >= 0 && count <= MAX_LIST))
		throw fail(
			"CORRUPT",
			`cannot count the tensors of a ${definition.name}: attribute "${name}" is ${count === undefined ? "missing" : String(count)}, wanted 0 to ${MAX_LIST}`,
			{ at: { op: definition.name } },
		);
	return count;
}

/** The element type of each flat output; "variant" where the attributes do not say. */
export function outputTypes(definition: OpDef, attrs: Attrs): readonly DType[] {
	return definition.outputs.flatMap((arg) => {
		if (arg.typeListAttr !== undefined)
			return (attrs[arg.typeListAttr] as readonly DType[] | undefined) ?? [];
		const type =
			arg.type ?? (attrs[arg.typeAttr ?? ""] as DType | undefined) ?? "variant";
		return new Array<DType>(argCount(definition, arg, attrs)).fill(type);
	});
}
