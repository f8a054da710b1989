import { TensorType } from "../../../gen/tflite.js";
import type { GraphTypes } from "../../graph/infer.js";
import type { Graph, Node, ValueName } from "../../graph/ir.js";
import { Names } from "../../graph/names.js";
import type { LiteOp, LiteOptions } from "../../lite/schema.js";
import { type Constant, heldConstant } from "../../tensor/constant.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { tensorBytes } from "../../tensor/tensor.js";
import { detourOf } from "./detours.js";
import type {
	LiteGraph,
	LiteOperator,
	LiteTensor,
	Quantization,
} from "./graph.js";
import { dataInput, kernelType } from "./kernels.js";
import {
	type AnyOptions,
	type LiteContext,
	type LiteResult,
	type LiteValue,
	type MakeGraph,
	unfit,
} from "./lowering.js";
import { memoryOf } from "./memory.js";
import { storedConstant, storedType } from "./storage.js";

/** What all graphs of a model share. */
export interface LiteSource {
	readonly types: GraphTypes;
	/** Values that some node or port uses. */
	readonly used: ReadonlySet<ValueName>;
	readonly producers: ReadonlyMap<ValueName, Node>;
	/** Graphs that are done, by their places. */
	readonly graphs: (LiteGraph | undefined)[];
	/** Small constants by what is in them, and what was made of others, so that each is in the file once. */
	readonly shared: Map<string, Constant>;
	readonly sizes: Set<ValueName>;
	bodyOf(name: string): Graph;
	lowerNodes(builder: LiteBuilder, graph: Graph): void;
}

/** Kernels cut so many axes. */
const SLICED_AXES = 5;

/** Constants up to so many bytes are looked up by what is in them. */
const SHARED_BYTES = 256;

/** Collects the tensors and operators of one graph. Has a lifetime: one lowering. */
export class LiteBuilder {
	readonly tensors: LiteTensor[] = [];
	readonly operators: LiteOperator[] = [];
	readonly #source: LiteSource;
	readonly #values = new Map<ValueName, LiteValue>();
	readonly #constants = new Map<Constant, LiteValue>();
	readonly #names = new Names();
	#node = "";

	constructor(source: LiteSource) {
		this.#source = source;
	}

	/** Adds a tensor without a value, under this name if it is free. */
	place(name: string, { dtype, shape }: LiteResult): LiteValue {
		return this.#add({ name, dtype: storedType(dtype), shape });
	}

	/** Declares that a value of the program is this tensor. */
	bind(value: ValueName, lite: LiteValue): void {
		this.#values.set(value, lite);
		const tensor = this.tensors[lite.tensor];
		this.tensors[lite.tensor] = { ...tensor, value: tensor.value ?? value };
	}

	/** Everything that is emitted from now on is made for this node. */
	enter(node: string): void {
		this.#node = node;
	}

	valueOf(value: ValueName): LiteValue {
		const known = this.#values.get(value);
		if (known !== undefined) return known;
		const constant = this.#source.types.constantOf(value);
		// a node that was refused has no values; all reasons are wanted, so its consumers go on
		const made =
			constant === undefined
				? this.place(value, this.#source.types.typeOf(value))
				: this.#constant(constant, value);
		this.#values.set(value, made);
		return made;
	}

	markSize(value: ValueName): void {
		this.#source.sizes.add(value);
	}

	isSize(value: ValueName): boolean {
		return (
			this.#source.types.constantOf(value) !== undefined ||
			this.#source.sizes.has(value)
		);
	}

	/** Gives a tensor another name, if that is free. */
	rename({ tensor }: LiteValue, name: string): void {
		if (this.tensors[tensor].name === name) return;
		this.tensors[tensor] = {
			...this.tensors[tensor],
			name: this.#names.take(name),
		};
	}

	contextOf(node: Node): LiteContext {
		const { types } = this.#source;
		const weight: LiteContext["weight"] = (tensor) =>
			this.#constant(heldConstant(tensor), `${node.name}/const`);
		const emitMany: LiteContext["emitMany"] = (
			op,
			inputs,
			results,
			options,
		) => {
			const dtype = inputs[dataInput(op)]?.dtype;
			const detour = dtype === undefined ? dtype : detourOf(op, dtype);
			return detour === undefined
				? this.#emit(op, inputs, results, options)
				: detour(context, op, inputs, results, options);
		};
		const context: LiteContext = {
			node,
			types,
			inputs: node.inputs.map((input) => types.typeOf(input)),
			outputs: node.outputs.map((output) => types.typeOf(output)),
			constant: (index) => types.constant(node.inputs[index]),
			input: (index) => this.valueOf(node.inputs[index]),
			valueOf: (value) => this.valueOf(value),
			emit: (op, inputs, result, options) =>
				emitMany(op, inputs, [result], options)[0],
			emitMany,
			derived: (index, key, make) =>
				this.#derived(node.inputs[index], key, make),
			weight,
			ints: (values) => this.#ints(values),
			scalar: (dtype, value) =>
				weight(tensorFromNumbers(storedType(dtype), [], [value])),
			cast: (value, dtype) => this.#cast(value, dtype),
			variable: (result, quantization) => this.#variable(result, quantization),
			isSize: (index) => this.isSize(node.inputs[index]),
			producer: (value) => this.#source.producers.get(value),
			isUsed: (index) => this.#source.used.has(node.outputs[index]),
			bodyOf: (name) => this.#source.bodyOf(name),
			graph: (name, inputs, make) => this.#graph(node, name, inputs, make),
			call: (name, args) => this.#call(name, args),
		};
		return context;
	}

	done(
		name: string,
		inputs: readonly LiteValue[],
		outputs: readonly LiteValue[],
	): LiteGraph {
		return {
			name,
			tensors: this.tensors,
			operators: this.operators,
			inputs: inputs.map(({ tensor }) => tensor),
			outputs: outputs.map(({ tensor }) => tensor),
		};
	}

	#ints(values: readonly number[]): LiteValue {
		const tensor = tensorFromNumbers("int32", [values.length], values);
		return this.#constant(heldConstant(tensor), `${this.#node}/const`);
	}

	#call(name: string, args: readonly LiteValue[]): readonly LiteValue[] {
		const body = this.#source.bodyOf(name);
		for (const [i, { value }] of body.inputs.entries())
			this.bind(value, args[i]);
		this.#source.lowerNodes(this, body);
		return body.outputs.map(({ value }) => this.valueOf(value));
	}

	#graph(
		node: Node,
		name: string,
		inputs: readonly LiteResult[],
		make: MakeGraph,
	): number {
		const { graphs } = this.#source;
		const place = graphs.push(undefined) - 1;
		const inner = new LiteBuilder(this.#source);
		inner.enter(node.name);
		const given = inputs.map((input, i) => inner.place(`in_${i}`, input));
		const made = make(inner.contextOf(node), given);
		// loops hand on what stays in its place; runtimes confuse what moves to another one
		const moved = given.filter((value, i) => value.tensor !== made[i]?.tensor);
		const apart = inner.#apartInBody(made, moved);
		graphs[place] = inner.done(name, given, apart);
		return place;
	}

	/** Outputs that are no inputs, no constants and not one another: runtimes confuse them. */
	apart(
		values: readonly LiteValue[],
		inputs: readonly LiteValue[],
		copy = (value: LiteValue) => this.#copy(value),
	): readonly LiteValue[] {
		const taken = new Set(inputs.map(({ tensor }) => tensor));
		return values.map((value) => {
			const isPlain =
				!taken.has(value.tensor) &&
				this.tensors[value.tensor].constant === undefined;
			const own = isPlain ? value : copy(value);
			taken.add(own.tensor);
			return own;
		});
	}

	/**
	 * The same for a graph that others call: newer runtimes leave elements where they are that RESHAPE and its kin take, and what
	 * calls the graph frees the memory of an input twice that is an output too.
	 */
	#apartInBody(
		values: readonly LiteValue[],
		inputs: readonly LiteValue[],
	): readonly LiteValue[] {
		const given = new Set(inputs.map(({ tensor }) => tensor));
		const own = (value: LiteValue) => this.#own(value);
		return this.apart(values, inputs, own).map((value) =>
			given.has(memoryOf(this.operators, value.tensor)) ? own(value) : value,
		);
	}

	/** A copy in memory of its own. */
	#own(value: LiteValue): LiteValue {
		const { shape, dtype, tensor } = value;
		const isConstant = this.tensors[tensor].constant !== undefined;
		const canSlice =
			kernelType("SLICE", dtype) === dtype &&
			(shape?.length ?? Infinity) <= SLICED_AXES;
		if (isConstant || !canSlice) return this.#copy(value);
		const rank = shape?.length ?? 0;
		const line = rank > 0 ? value : this.#packed(value);
		const [from, size] = [0, -1].map((place) =>
			this.#ints(new Array<number>(Math.max(rank, 1)).fill(place)),
		);
		const [made] = this.#operator("SLICE", [line, from, size], [line], {});
		return rank > 0 ? made : this.#copy({ ...made, shape });
	}

	#packed(value: LiteValue): LiteValue {
		return this.#operator("PACK", [value], [{ ...value, shape: [1] }], {
			options: ["PackOptions", { valuesCount: 1, axis: 0 }],
		})[0];
	}

	#emit(
		op: LiteOp,
		inputs: readonly (LiteValue | undefined)[],
		results: readonly LiteResult[],
		options?: AnyOptions,
	): readonly LiteValue[] {
		const dtype = inputs[dataInput(op)]?.dtype;
		const computed = dtype === undefined ? dtype : kernelType(op, dtype);
		if (dtype === computed)
			return this.#operator(op, inputs, results, { options });
		if (computed === undefined)
			throw unfit(`TensorFlow Lite has no ${op} for ${dtype}`);
		const outputs = this.#operator(
			op,
			inputs.map((input) =>
				input !== undefined && input.dtype === dtype
					? this.#cast(input, computed)
					: input,
			),
			results.map((result) =>
				storedType(result.dtype) === dtype
					? { ...result, dtype: computed }
					: result,
			),
			{ options },
		);
		return outputs.map((output, i) => this.#cast(output, results[i].dtype));
	}

	#cast(value: LiteValue, wanted: DType): LiteValue {
		const dtype = storedType(wanted);
		if (value.dtype === dtype) return value;
		const pair = [value.dtype, dtype];
		const isBits = pair.includes("uint64");
		// casts know no uint64, whose bits are those of int64
		if (isBits && !pair.includes("int64"))
			return this.#cast(this.#cast(value, "int64"), dtype);
		return this.#operator(
			isBits ? "BITCAST" : "CAST",
			[value],
			[{ dtype, shape: value.shape }],
			isBits ? { options: ["BitcastOptions", {}] } : {},
		)[0];
	}

	/** The same elements in a tensor of its own. */
	#copy(value: LiteValue): LiteValue {
		const { shape } = value;
		const isKnown = shape !== undefined && shape.filter(isOpen).length < 2;
		const sizes = isKnown
			? this.#ints(shape.map((size) => Math.max(size, -1)))
			: this.#shapeOf(value);
		return this.#operator("RESHAPE", [value, sizes], [value], {})[0];
	}

	#shapeOf(value: LiteValue): LiteValue {
		return this.#operator(
			"SHAPE",
			[value],
			[{ dtype: "int32", shape: value.shape && [value.shape.length] }],
			{ options: ["ShapeOptions", { outType: TensorType.INT32 }] },
		)[0];
	}

	#operator(
		op: LiteOp,
		inputs: readonly (LiteValue | undefined)[],
		results: readonly LiteResult[],
		{ options, name }: { options?: AnyOptions; name?: string },
	): readonly LiteValue[] {
		const outputs = results.map((result) =>
			this.place(name ?? `${this.#node}/${op.toLowerCase()}`, result),
		);
		this.operators.push({
			op,
			inputs: given(inputs).map((input) => input?.tensor ?? -1),
			outputs: outputs.map(({ tensor }) => tensor),
			...(options === undefined
				? {}
				: {
						options: {
							table: options[0],
							fields: options[1],
						} as LiteOptions,
					}),
			node: this.#node,
		});
		return outputs;
	}

	#constant(constant: Constant, name: string): LiteValue {
		const held = this.#held(storedConstant(constant));
		const known = this.#constants.get(held);
		if (known !== undefined) return known;
		const { dtype, shape } = held;
		const made = this.#add({ name, dtype, shape, constant: held });
		this.#constants.set(held, made);
		return made;
	}

	/** One constant for all that have the same elements. */
	#held(constant: Constant): Constant {
		const { dtype, shape, byteLength } = constant;
		if (DTYPES[dtype].bytes === 0 || byteLength > SHARED_BYTES) return constant;
		const key = `${dtype}:${shape}:${tensorBytes(constant.read()).join()}`;
		const known = this.#source.shared.get(key);
		if (known !== undefined) return known;
		this.#source.shared.set(key, constant);
		return constant;
	}

	#derived(
		value: ValueName,
		key: string,
		make: (constant: Constant) => Constant,
	): LiteValue | undefined {
		const { shared, types } = this.#source;
		const constant = types.constantOf(value);
		if (constant === undefined) return undefined;
		const place = `${value} ${key}`;
		const made = shared.get(place) ?? make(storedConstant(constant));
		shared.set(place, made);
		return this.#constant(made, `${value}/${key}`);
	}

	#variable(
		{ dtype, shape }: LiteResult,
		quantization?: Quantization,
	): LiteValue {
		return this.#add({
			name: `${this.#node}/state`,
			dtype,
			shape,
			isVariable: true,
			...(quantization === undefined ? {} : { quantization }),
		});
	}

	#add(tensor: LiteTensor): LiteValue {
		const { dtype, shape } = tensor;
		const name = this.#names.take(tensor.name);
		return {
			tensor: this.tensors.push({ ...tensor, name }) - 1,
			dtype,
			shape,
		};
	}
}

function isOpen(size: number): boolean {
	return size < 0;
}

/** Without inputs that are left out at the end: kernels take one that is there, and absent, for a mistake. */
function given(
	inputs: readonly (LiteValue | undefined)[],
): readonly (LiteValue | undefined)[] {
	return inputs.slice(0, inputs.findLastIndex((input) => input) + 1);
}
