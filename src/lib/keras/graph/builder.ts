import { fail } from "../../errors.js";
import { TypeMap } from "../../graph/infer.js";
import type { Attr, Attrs, Node, Port } from "../../graph/ir.js";
import { Names } from "../../graph/names.js";
import { type OpDef, opDef, outputCount } from "../../ops/opdef.js";
import { type Constant, heldConstant } from "../../tensor/constant.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import {
	allocate,
	elementCount,
	type Shape,
	type Tensor,
} from "../../tensor/tensor.js";

/** A value of the graph that is being built. */
export interface Value {
	/** `conv1:0`, or the name of a function's argument. */
	readonly name: string;
	readonly dtype: DType;
	readonly shape: Shape;
}

/** A body of control flow. */
export interface BodyFunction {
	readonly name: string;
	readonly inputs: readonly Port[];
	readonly outputs: readonly Port[];
	readonly nodes: readonly Node[];
}

/**
 * Builds a graph of TensorFlow's operations, whose element types and counts follow from the inputs and whose shapes the op
 * table infers. Has a lifetime: one graph, or one body inside of it.
 */
export class GraphBuilder {
	readonly nodes: Node[] = [];
	/** Values of constants, by their nodes' names. */
	readonly tensors = new Map<string, Constant>();
	readonly functions: BodyFunction[];
	/** Constants that are weights, by their nodes' names. */
	readonly weights = new Map<string, { readonly trainable: boolean }>();
	/** Nodes that run once when the graph is loaded. */
	readonly initializers: string[] = [];
	readonly #types: TypeMap;
	readonly #names = new Names();
	readonly #root: GraphBuilder | undefined;
	readonly #constants = new Map<string, Value>();
	#scope = "";

	constructor(inputs: readonly Port[] = [], root?: GraphBuilder) {
		this.#root = root;
		this.#types = new TypeMap({ inputs });
		this.functions = root?.functions ?? [];
		for (const { value } of inputs) this.#names.take(value);
	}

	/** Nodes that `build` adds have names below this one. */
	within<T>(scope: string, build: () => T): T {
		const outer = this.#scope;
		this.#scope = `${outer}${nodeName(scope)}/`;
		try {
			return build();
		} finally {
			this.#scope = outer;
		}
	}

	/** Adds a node and returns its first output. Attributes that follow from the inputs are filled in. */
	op(op: string, inputs: readonly Value[], attrs: Attrs = {}): Value {
		return this.many(op, inputs, attrs)[0];
	}

	/** Adds a node and returns all of its outputs. */
	many(
		op: string,
		inputs: readonly Value[],
		attrs: Attrs = {},
		name = op,
	): readonly Value[] {
		const definition = definitionOf(op);
		const filled = fillAttrs(definition, inputs, attrs);
		const node = this.#names.take(`${this.#scope}${nodeName(name)}`);
		const count = outputCount(definition, filled);
		return this.#add({
			name: node,
			op,
			inputs: inputs.map((input) => input.name),
			outputs: Array.from({ length: count }, (_, i) => `${node}:${i}`),
			attrs: filled,
		});
	}

	/** Adds a node that runs once when the graph is loaded, and fills what others read. */
	initialize(op: string, inputs: readonly Value[], attrs: Attrs = {}): void {
		this.many(op, inputs, attrs);
		this.initializers.push(this.nodes[this.nodes.length - 1].name);
	}

	/** A value as it is, but of a shape that is known otherwise. */
	shaped(value: Value, shape: Shape): Value {
		this.#types.assume(value.name, { dtype: value.dtype, shape });
		return { ...value, shape };
	}

	/** A weight of the network, under a name of its own; a constant that may become a variable. */
	weight(constant: Constant, name: string, trainable: boolean): Value {
		const value = this.#const(constant, name);
		this.weights.set(value.name.replace(/:0$/, ""), { trainable });
		return value;
	}

	/** A small constant; the same one is added once. */
	constant(tensor: Tensor): Value {
		const key = `${tensor.dtype}:${tensor.shape}:${keyOf(tensor)}`;
		const known = this.#constants.get(key);
		if (known !== undefined) return known;
		const value = this.#const(heldConstant(tensor), "Const");
		this.#constants.set(key, value);
		return value;
	}

	/** A scalar of a numeric type. */
	scalar(dtype: DType, value: number): Value {
		return this.array(dtype, [], [value]);
	}

	/** A constant of a numeric type from plain numbers. */
	array(
		dtype: DType,
		shape: readonly number[],
		values: readonly number[],
	): Value {
		const wide = DTYPES[dtype].kind === "half" ? "float32" : dtype;
		const data = allocate(wide, elementCount(shape)) as Float64Array;
		const convert = DTYPES[wide].kind === "bigint" ? BigInt : Number;
		for (const [i, value] of values.entries())
			data[i] = convert(value) as number;
		const constant = this.constant({ dtype: wide, shape, data });
		return wide === dtype ? constant : this.cast(constant, dtype);
	}

	/** A list of int32, as shapes, axes and paddings are. */
	ints(values: readonly number[]): Value {
		return this.array("int32", [values.length], values);
	}

	cast(value: Value, dtype: DType): Value {
		return value.dtype === dtype
			? value
			: this.op("Cast", [value], { SrcT: value.dtype, DstT: dtype });
	}

	/** Adds a body of control flow to the graph's library and returns what an attribute calls it. */
	body(
		name: string,
		inputs: readonly Port[],
		build: (body: GraphBuilder, inputs: readonly Value[]) => readonly Value[],
	): Attr {
		const body = new GraphBuilder(inputs, this.#root ?? this);
		const outputs = build(
			body,
			inputs.map(({ value, dtype, shape }) => ({ name: value, dtype, shape })),
		).map((value, i) => {
			const output = body.op("Identity", [value]);
			return {
				name: `output_${i}`,
				value: output.name,
				dtype: output.dtype,
				shape: output.shape,
			};
		});
		const free = `${nodeName(this.#scope + name).replaceAll(/\W/g, "_")}_${this.functions.length}`;
		this.functions.push({ name: free, inputs, outputs, nodes: body.nodes });
		return { function: free };
	}

	#const(constant: Constant, name: string): Value {
		const attrs = { dtype: constant.dtype, value: constant };
		const [value] = this.many("Const", [], attrs, name);
		this.tensors.set(value.name.replace(/:0$/, ""), constant);
		return value;
	}

	#add(node: Node): readonly Value[] {
		const types = this.#types.add(node);
		this.nodes.push(node);
		return node.outputs.map((name, i) => ({
			name,
			dtype: types[i]?.dtype ?? "float32",
			shape: types[i]?.shape,
		}));
	}
}

/** What TensorFlow takes as a name of a node (node_def_util.cc). */
export function nodeName(text: string): string {
	const plain = text.replace(/[^A-Za-z0-9_.\\/>-]/g, "_");
	return /^[A-Za-z0-9.]/.test(plain) ? plain : `n${plain}`;
}

function definitionOf(op: string): OpDef {
	const definition = opDef(op);
	if (definition === undefined)
		throw fail("BUG", `cannot build a graph with ${op}: no such operation`);
	return definition;
}

/** Types and counts from the inputs, defaults from the definition. */
function fillAttrs(
	definition: OpDef,
	inputs: readonly Value[],
	given: Attrs,
): Attrs {
	const attrs: Record<string, Attr> = {};
	for (const [name, { default: value }] of definition.attrs)
		if (value !== undefined) attrs[name] = value;
	const { inputs: args } = definition;
	const single = args.filter((arg) => !isListArg(arg)).length;
	let at = 0;
	for (const arg of args) {
		const count = isListArg(arg) ? inputs.length - single : 1;
		const taken = inputs.slice(at, at + count);
		at += count;
		if (arg.numberAttr !== undefined) attrs[arg.numberAttr] = count;
		if (arg.typeListAttr !== undefined)
			attrs[arg.typeListAttr] = taken.map(({ dtype }) => dtype);
		if (arg.typeAttr !== undefined && taken.length > 0)
			attrs[arg.typeAttr] = taken[0].dtype;
	}
	return { ...attrs, ...given };
}

function isListArg(arg: OpDef["inputs"][number]): boolean {
	return arg.numberAttr !== undefined || arg.typeListAttr !== undefined;
}

function keyOf({ data }: Tensor): string {
	return ArrayBuffer.isView(data)
		? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString(
				"base64",
			)
		: data.map((bytes) => Buffer.from(bytes).toString("base64")).join();
}
