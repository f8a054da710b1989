import type { ValueName } from "../../../graph/ir.js";
import type { LiteOptions } from "../../../lite/schema.js";
import type { Constant } from "../../../tensor/constant.js";
import { heldConstant } from "../../../tensor/constant.js";
import { allocate } from "../../../tensor/tensor.js";
import type {
	LiteGraph,
	LiteOperator,
	LiteTensor,
	Quantization,
} from "../graph.js";
import { type IntegerKernel, integerKernel, SIZES } from "./integer-kernels.js";
import { joined, type Range, rangeOf, SCHEMES, type Scheme } from "./ranges.js";
import { type QuantizedWeight, quantizedWeight } from "./scales.js";

export interface IntegerOptions {
	readonly type: "int8" | "int16";
	/** Whether inputs and outputs are integers too; floats else. */
	readonly integerPorts: boolean;
	/** What calibration saw of a value of the program. */
	rangeOf(value: string): Range | undefined;
}

/** An operator that computes with floats still. */
export interface FloatRow {
	readonly op: string;
	readonly node: string;
	readonly reason: string;
}

/** Weights and how far they are off. */
export interface IntegerRow {
	readonly name: string;
	readonly before: number;
	readonly after: number;
	readonly error: number;
}

export interface IntegerGraph {
	readonly graph: LiteGraph;
	readonly floats: readonly FloatRow[];
	readonly weights: readonly IntegerRow[];
	/** Which tensor of integers a value of the program is. */
	readonly integers: ReadonlyMap<ValueName, number>;
}

/** A graph that computes with integers where kernels do; between them and other operators numbers are converted. */
export function quantizedGraph(
	graph: LiteGraph,
	options: IntegerOptions,
): IntegerGraph {
	return new IntegerPass(graph, options).result();
}

/** One graph on its way. Has a lifetime: one pass. */
class IntegerPass {
	readonly #graph: LiteGraph;
	readonly #options: IntegerOptions;
	readonly #scheme: Scheme;
	readonly #tensors: LiteTensor[];
	readonly #operators: LiteOperator[] = [];
	readonly #floats: FloatRow[] = [];
	readonly #weights: IntegerRow[] = [];
	/** Tensors that have to have the same scale, each under the first of its kind. */
	readonly #groups: number[];
	/** By tensor, its integers; and which tensors exist as floats. */
	readonly #integers = new Map<number, number>();
	readonly #hasFloats = new Set<number>();
	readonly #quantizations = new Map<number, Quantization>();

	constructor(graph: LiteGraph, options: IntegerOptions) {
		this.#graph = graph;
		this.#options = options;
		this.#scheme = SCHEMES[options.type];
		this.#tensors = [...graph.tensors];
		this.#groups = graph.tensors.map((_, index) => index);
	}

	result(): IntegerGraph {
		const { operators } = this.#graph;
		const kernels = operators.map((operator) => this.#kernelOf(operator));
		for (const [i, operator] of operators.entries())
			if (kernels[i]?.scales === "same") this.#join(operator);
		this.#measure();
		const inputs = this.#graph.inputs.map((index) => this.#input(index));
		for (const [i, operator] of operators.entries()) {
			const kernel = kernels[i];
			if (SIZES.has(operator.op)) this.#measureSizes(operator);
			else if (kernel === undefined) this.#keep(operator);
			else this.#quantize(operator, kernel);
		}
		const outputs = this.#graph.outputs.map((index) => this.#output(index));
		return {
			graph: {
				...this.#graph,
				inputs,
				outputs,
				tensors: this.#tensors,
				operators: this.#operators,
			},
			floats: this.#floats,
			weights: this.#weights,
			integers: new Map(
				[...this.#integers].flatMap(([index, integers]) => {
					const { value } = this.#tensors[index];
					return value === undefined ? [] : [[value, integers] as const];
				}),
			),
		};
	}

	/** The kernel that an operator will have; notes why it has none. */
	#kernelOf(operator: LiteOperator): IntegerKernel | undefined {
		const { op, node } = operator;
		const touched = this.#numbersOf(operator);
		if (touched.length === 0 || SIZES.has(op)) return undefined;
		const refuse = (reason: string) => {
			this.#floats.push({ op, node, reason });
			return undefined;
		};
		const kernel = integerKernel(op);
		const { type } = this.#options;
		if (kernel === undefined || (type === "int16" && !kernel.int16))
			return refuse(`it has no kernel for ${type}`);
		if (kernel.weights !== undefined) {
			const { input, bias } = kernel.weights;
			const isKnown = (index: number | undefined) =>
				index === undefined ||
				index < 0 ||
				this.#tensors[index].constant !== undefined;
			if (!isKnown(operator.inputs[input]) || !isKnown(operator.inputs[bias]))
				return refuse("its weights are computed");
		}
		const unseen = touched.find(
			(index) =>
				this.#tensors[index].constant === undefined &&
				this.#seen(index) === undefined &&
				!(kernel.scales === "fixed" && operator.outputs.includes(index)),
		);
		if (unseen !== undefined) return refuse("calibration saw no numbers of it");
		const wide = touched.map((index) => this.#seen(index)).find(isWide);
		return wide === undefined
			? kernel
			: refuse(`its numbers go from ${wide.min} to ${wide.max}, as masks do`);
	}

	#seen(index: number): Range | undefined {
		const { value, constant } = this.#tensors[index];
		if (constant !== undefined)
			return rangeOf(constant.read().data as Float32Array);
		return value === undefined ? undefined : this.#options.rangeOf(value);
	}

	/** Tensors of floats that an operator takes and gives, but for weights and biases. */
	#numbersOf({ op, inputs, outputs }: LiteOperator): readonly number[] {
		const weights = integerKernel(op)?.weights;
		return [
			...inputs.filter(
				(index, place) =>
					index >= 0 && place !== weights?.input && place !== weights?.bias,
			),
			...outputs,
		].filter((index) => this.#tensors[index].dtype === "float32");
	}

	#join(operator: LiteOperator): void {
		const roots = this.#numbersOf(operator).map((index) => this.#root(index));
		const first = Math.min(...roots);
		for (const root of roots) this.#groups[root] = first;
	}

	#root(index: number): number {
		let root = index;
		while (this.#groups[root] !== root) root = this.#groups[root];
		return root;
	}

	/** A scale for each group: that of all numbers in it. */
	#measure(): void {
		const ranges = new Map<number, Range>();
		const needed = new Set(
			this.#graph.operators.flatMap((operator) => this.#numbersOf(operator)),
		);
		for (const index of needed) {
			const seen = this.#seen(index);
			if (seen === undefined) continue;
			const root = this.#root(index);
			const known = ranges.get(root);
			ranges.set(root, known === undefined ? seen : joined(known, seen));
		}
		for (const [root, range] of ranges)
			this.#quantizations.set(root, this.#scheme.of(range));
	}

	#quantizationOf(index: number): Quantization | undefined {
		return this.#quantizations.get(this.#root(index));
	}

	#input(index: number): number {
		const { dtype } = this.#tensors[index];
		if (dtype !== "float32") return index;
		if (this.#options.integerPorts && this.#quantizationOf(index)) {
			const made = this.#integer(index, this.#quantizationOf(index));
			this.#integers.set(index, made);
			return made;
		}
		this.#hasFloats.add(index);
		return index;
	}

	#output(index: number): number {
		if (this.#tensors[index].dtype !== "float32") return index;
		const made = this.#integers.get(index);
		if (this.#options.integerPorts && made !== undefined) return made;
		this.#asFloats(index);
		return index;
	}

	/** With floats, which are made of integers where need be. */
	#keep(operator: LiteOperator): void {
		for (const index of operator.inputs)
			if (index >= 0 && this.#tensors[index].dtype === "float32")
				this.#asFloats(index);
		for (const index of operator.outputs) this.#hasFloats.add(index);
		this.#operators.push(operator);
	}

	/** Of integers where there are some. */
	#measureSizes(operator: LiteOperator): void {
		const [index] = operator.inputs;
		const inputs = [this.#integers.get(index) ?? index];
		this.#operators.push({ ...operator, inputs });
	}

	#asFloats(index: number): void {
		const from = this.#integers.get(index);
		if (from === undefined || this.#hasFloats.has(index)) return;
		if (this.#tensors[index].constant !== undefined) return;
		this.#hasFloats.add(index);
		this.#convert("DEQUANTIZE", from, index);
	}

	#quantize(operator: LiteOperator, { weights, scales }: IntegerKernel): void {
		const made =
			weights === undefined
				? undefined
				: this.#weight(operator.inputs[weights.input], weights.axis);
		const inputs = operator.inputs.map((index, place) => {
			if (index < 0 || this.#tensors[index].dtype !== "float32") return index;
			if (made !== undefined && place === weights?.input) return made.index;
			if (made !== undefined && place === weights?.bias)
				return this.#bias(
					index,
					this.#quantizationOf(operator.inputs[weights.data]),
					made.quantization,
				);
			return this.#asIntegers(index);
		});
		const after: (() => void)[] = [];
		const outputs = operator.outputs.map((index) => {
			if (this.#tensors[index].dtype !== "float32") return index;
			const fixed =
				scales === "fixed" ? this.#scheme.fixed[operator.op] : undefined;
			const wanted = this.#quantizationOf(index) ?? fixed;
			const integers = this.#integer(index, fixed ?? wanted);
			if (fixed === undefined || !this.#isShared(index)) {
				this.#integers.set(index, integers);
				return integers;
			}
			const rescaled = this.#integer(index, wanted);
			this.#integers.set(index, rescaled);
			after.push(() => this.#convert("QUANTIZE", integers, rescaled));
			return integers;
		});
		this.#operators.push(this.#plain({ ...operator, inputs, outputs }));
		for (const convert of after) convert();
	}

	/** Whether a tensor has to have the scale of others. */
	#isShared(index: number): boolean {
		const root = this.#root(index);
		return this.#groups.some(
			(_, other) => other !== index && this.#root(other) === root,
		);
	}

	/** Sums of int16 have scales that are no powers of two. */
	#plain(operator: LiteOperator): LiteOperator {
		const { options } = operator;
		const isSum =
			options?.table === "AddOptions" || options?.table === "SubOptions";
		if (!isSum || this.#options.type !== "int16") return operator;
		return {
			...operator,
			options: {
				table: options.table,
				fields: { ...options.fields, potScaleInt16: false },
			} as LiteOptions,
		};
	}

	#asIntegers(index: number): number {
		const known = this.#integers.get(index);
		if (known !== undefined) return known;
		const quantization = this.#quantizationOf(index);
		const { constant, name } = this.#tensors[index];
		const made =
			constant === undefined
				? this.#integer(index, quantization)
				: this.#push({
						name: `${name}/${this.#scheme.dtype}`,
						dtype: this.#scheme.dtype,
						shape: constant.shape,
						constant: integersOf(constant, this.#scheme.dtype, quantization),
						...(quantization === undefined ? {} : { quantization }),
					});
		this.#integers.set(index, made);
		if (constant === undefined) this.#convert("QUANTIZE", index, made);
		return made;
	}

	#weight(index: number, axis: number | undefined) {
		const { constant, name } = this.#tensors[index];
		const made = quantizedWeight(constant as Constant, axis);
		this.#weights.push({
			name,
			before: (constant as Constant).byteLength,
			after: made.constant.byteLength,
			error: made.error,
		});
		return {
			quantization: made.quantization,
			index: this.#push(weightTensor(name, made)),
		};
	}

	/** In units of the products that it is added to. */
	#bias(index: number, data: Quantization | undefined, weights: Quantization) {
		const { constant, name, shape } = this.#tensors[index];
		const values = (constant as Constant).read().data as Float32Array;
		const scale = weights.scale.map((step) => step * (data?.scale[0] ?? 1));
		const dtype = this.#scheme.bias;
		const integers = allocate(dtype, values.length) as Int32Array;
		for (let i = 0; i < values.length; i++) {
			const rounded = Math.round(values[i] / scale[i % scale.length]);
			const inside = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, rounded));
			integers[i] = (dtype === "int64" ? BigInt(inside) : inside) as number;
		}
		return this.#push({
			name: `${name}/${dtype}`,
			dtype,
			shape,
			constant: heldConstant({
				dtype,
				shape: (constant as Constant).shape,
				data: integers,
			}),
			quantization: { scale, zeroPoint: scale.map(() => 0), axis: 0 },
		});
	}

	#integer(index: number, quantization: Quantization | undefined): number {
		const { name, shape } = this.#tensors[index];
		return this.#push({
			name: `${name}/${this.#scheme.dtype}`,
			dtype: this.#scheme.dtype,
			shape,
			...(quantization === undefined ? {} : { quantization }),
		});
	}

	#convert(op: "QUANTIZE" | "DEQUANTIZE", from: number, to: number): void {
		this.#operators.push({
			op,
			inputs: [from],
			outputs: [to],
			options: {
				table: op === "QUANTIZE" ? "QuantizeOptions" : "DequantizeOptions",
				fields: {},
			},
			node: this.#tensors[to].name,
		});
	}

	#push(tensor: LiteTensor): number {
		return this.#tensors.push(tensor) - 1;
	}
}

/** What is added to hide something is that large; steps between such numbers hide all others. */
const WIDE = 1e5;

function isWide(range: Range | undefined): boolean {
	return range !== undefined && range.max - range.min > WIDE;
}

function weightTensor(
	name: string,
	{ constant, quantization }: QuantizedWeight,
): LiteTensor {
	return {
		name: `${name}/int8`,
		dtype: "int8",
		shape: constant.shape,
		constant,
		quantization,
	};
}

function integersOf(
	constant: Constant,
	dtype: "int8" | "int16",
	quantization: Quantization | undefined,
): Constant {
	const { data } = constant.read();
	const [least, most] = dtype === "int8" ? [-128, 127] : [-32767, 32767];
	const scale = quantization?.scale[0] ?? 1;
	const zero = quantization?.zeroPoint[0] ?? 0;
	const integers = allocate(dtype, data.length) as Int8Array;
	for (const [i, value] of (data as Float32Array).entries())
		integers[i] = Math.max(
			least,
			Math.min(most, Math.round(value / scale) + zero),
		);
	return heldConstant({ dtype, shape: constant.shape, data: integers });
}
