import { fail } from "../../errors.js";
import type { Node, ValueName } from "../../graph/ir.js";
import type { ValueType } from "../../ops/define.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { elementCount, type Tensor, tensorBytes } from "../../tensor/tensor.js";
import type { OnnxAttrs, OnnxInitializer, OnnxNode } from "./graph.js";
import { firstTypedInput, kernelType, storageType } from "./kernels.js";
import { channelsFirstTensor } from "./layout.js";
import type { EmitOptions, LowerContext, OnnxValue } from "./lowering.js";

/** Constants up to this size are compared and shared; larger ones are weights, which rarely repeat. */
const SHARED_BYTES = 256;

/** A Program's value in the ONNX graph: in TensorFlow's order of axes, channels first, or both. */
interface Lowered {
	plain?: OnnxValue;
	channelsFirst?: OnnxValue;
}

/** What the builder must know of the Program that is lowered. */
export interface LoweringSource {
	typeOf(value: ValueName): ValueType;
	/** The tensor of a value that is a constant. */
	constant(value: ValueName): Tensor | undefined;
}

/** Collects the nodes and initializers of one ONNX graph. Has a lifetime: one lowering. */
export class OnnxBuilder {
	readonly nodes: OnnxNode[] = [];
	readonly initializers: OnnxInitializer[] = [];
	readonly #source: LoweringSource;
	readonly #values = new Map<ValueName, Lowered>();
	readonly #shared = new Map<string, OnnxValue>();
	readonly #derivedConstants = new Map<string, OnnxValue>();
	readonly #names = new Set<string>();
	#scope = "";

	constructor(source: LoweringSource) {
		this.#source = source;
	}

	/** Declares that a value of the Program is this one of the ONNX graph. */
	bind(value: ValueName, lowered: OnnxValue): void {
		const entry = this.#values.get(value) ?? {};
		if (lowered.channelsFirst) entry.channelsFirst = lowered;
		else entry.plain = lowered;
		this.#values.set(value, entry);
	}

	/** A name that is free in the ONNX graph, `wanted` itself if possible. */
	reserve(wanted: string): string {
		let name = wanted;
		for (let i = 1; this.#names.has(name); i++) name = `${wanted}__${i}`;
		this.#names.add(name);
		return name;
	}

	/** Everything that is emitted from now on is named below `scope`. */
	enter(scope: string): void {
		this.#scope = scope;
	}

	contextOf(node: Node): LowerContext {
		return {
			node,
			inputs: node.inputs.map((input) => this.#source.typeOf(input)),
			outputs: node.outputs.map((output) => this.#source.typeOf(output)),
			constant: (index) => this.#source.constant(node.inputs[index]),
			input: (index) => this.plain(node.inputs[index]),
			channelsFirst: (index) => this.#channelsFirst(node.inputs[index]),
			isChannelsFirst: (index) =>
				this.#values.get(node.inputs[index])?.channelsFirst !== undefined,
			emit: (op, inputs, attrs, options) =>
				this.emit(op, inputs, attrs, options),
			emitMany: (op, inputs, dtypes, attrs) =>
				this.emitMany(op, inputs, dtypes, attrs),
			derived: (index, key, make) =>
				this.#derived(node.inputs[index], key, make),
			initializer: (tensor) => this.initializer(tensor),
			ints: (values) =>
				this.initializer(tensorFromNumbers("int64", [values.length], values)),
			scalar: (dtype, value) => this.scalar(dtype, value),
			cast: (value, dtype) => this.cast(value, dtype),
		};
	}

	emit(
		op: string,
		inputs: readonly (OnnxValue | undefined)[],
		attrs: OnnxAttrs = {},
		options: EmitOptions = {},
	): OnnxValue {
		return this.emitMany(
			op,
			inputs,
			[options.dtype ?? firstType(op, inputs)],
			attrs,
			options.domain,
		)[0];
	}

	emitMany(
		op: string,
		inputs: readonly (OnnxValue | undefined)[],
		dtypes: readonly DType[],
		attrs: OnnxAttrs = {},
		domain = "",
	): readonly OnnxValue[] {
		const dtype = typedInput(op, inputs)?.dtype;
		const computed =
			dtype === undefined || domain !== "" ? dtype : kernelType(op, dtype);
		if (dtype === computed) return this.#add(op, inputs, dtypes, attrs, domain);
		if (computed === undefined)
			throw fail(
				"UNSUPPORTED",
				`cannot lower to ONNX ${op} on ${dtype}: ONNX Runtime has no kernel for it`,
			);
		const first = firstTypedInput(op);
		const cast = inputs.map((input, i) =>
			i >= first && input?.dtype === dtype
				? this.cast(input as OnnxValue, computed)
				: input,
		);
		const outputs = this.#add(
			op,
			cast,
			dtypes.map((type) => (type === dtype ? computed : type)),
			attrs,
			domain,
		);
		return outputs.map((output, i) => this.cast(output, dtypes[i]));
	}

	initializer(tensor: Tensor): OnnxValue {
		const held = heldTensor(tensor);
		const key = sharingKey(held);
		const shared = key === undefined ? undefined : this.#shared.get(key);
		if (shared !== undefined) return shared;
		const value: OnnxValue = {
			name: this.reserve(`${this.#scope || "graph"}/const`),
			dtype: held.dtype,
		};
		this.initializers.push({ name: value.name, tensor: held });
		if (key !== undefined) this.#shared.set(key, value);
		return value;
	}

	scalar(dtype: DType, value: number): OnnxValue {
		return this.initializer(
			tensorFromNumbers(storageType(dtype) ?? dtype, [], [value]),
		);
	}

	cast(value: OnnxValue, dtype: DType): OnnxValue {
		if (value.dtype === dtype) return value;
		const [output] = this.#add(
			"Cast",
			[value],
			[dtype],
			{ to: DTYPES[dtype].onnx },
			"",
		);
		return value.channelsFirst ? { ...output, channelsFirst: true } : output;
	}

	/** A value of the Program in TensorFlow's order of axes. */
	plain(value: ValueName): OnnxValue {
		const entry = this.#values.get(value) ?? {};
		if (entry.plain === undefined) {
			const constant =
				entry.channelsFirst === undefined
					? this.#source.constant(value)
					: undefined;
			entry.plain =
				constant !== undefined
					? this.initializer(constant)
					: this.#transposed(entry.channelsFirst, value, channelsLastOrder);
			this.#values.set(value, entry);
		}
		return entry.plain;
	}

	#derived(
		value: ValueName,
		key: string,
		make: (constant: Tensor) => Tensor,
	): OnnxValue | undefined {
		const place = `${value} ${key}`;
		const known = this.#derivedConstants.get(place);
		if (known !== undefined) return known;
		const constant = this.#source.constant(value);
		if (constant === undefined) return undefined;
		const made = this.initializer(make(constant));
		this.#derivedConstants.set(place, made);
		return made;
	}

	#channelsFirst(value: ValueName): OnnxValue {
		const entry = this.#values.get(value) ?? {};
		if (entry.channelsFirst === undefined) {
			const constant = this.#source.constant(value);
			const made =
				constant !== undefined
					? this.initializer(channelsFirstTensor(constant))
					: this.#transposed(this.plain(value), value, channelsFirstOrder);
			entry.channelsFirst = { ...made, channelsFirst: true };
			this.#values.set(value, {
				...this.#values.get(value),
				channelsFirst: entry.channelsFirst,
			});
		}
		return entry.channelsFirst;
	}

	#transposed(
		from: OnnxValue | undefined,
		value: ValueName,
		order: (rank: number) => number[],
	): OnnxValue {
		const shape = this.#source.typeOf(value).shape;
		if (from === undefined || shape === undefined)
			throw fail(
				"BUG",
				`value "${value}" was used before it was lowered, or its rank is not known`,
			);
		const [output] = this.#add(
			"Transpose",
			[from],
			[from.dtype],
			{ perm: order(shape.length) },
			"",
		);
		return { name: output.name, dtype: output.dtype };
	}

	#add(
		op: string,
		inputs: readonly (OnnxValue | undefined)[],
		dtypes: readonly DType[],
		attrs: OnnxAttrs,
		domain: string,
	): readonly OnnxValue[] {
		const name = this.reserve(`${this.#scope}/${op}`);
		const outputs = dtypes.map(
			(dtype, i): OnnxValue => ({ name: this.reserve(`${name}:${i}`), dtype }),
		);
		this.nodes.push({
			op,
			domain,
			name,
			inputs: inputNames(inputs),
			outputs: outputs.map((output) => output.name),
			attrs,
		});
		return outputs;
	}
}

/** "" for an absent input; none at the end, where ONNX Runtime takes it for one that is given. */
function inputNames(inputs: readonly (OnnxValue | undefined)[]): string[] {
	const count = inputs.findLastIndex((input) => input !== undefined) + 1;
	return inputs.slice(0, count).map((input) => input?.name ?? "");
}

/** [N,H,W,C] → [N,C,H,W]: `[0, rank-1, 1, …, rank-2]`. */
function channelsFirstOrder(rank: number): number[] {
	return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

/** [N,C,H,W] → [N,H,W,C]: `[0, 2, …, rank-1, 1]`. */
function channelsLastOrder(rank: number): number[] {
	return [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
}

function firstType(
	op: string,
	inputs: readonly (OnnxValue | undefined)[],
): DType {
	const first = typedInput(op, inputs);
	if (first === undefined)
		throw fail(
			"BUG",
			`the element type of ONNX ${op} without inputs must be given`,
		);
	return first.dtype;
}

/** The input whose element type chooses the kernel: the first that is there, behind those that have a type of their own. */
function typedInput(
	op: string,
	inputs: readonly (OnnxValue | undefined)[],
): OnnxValue | undefined {
	return inputs.slice(firstTypedInput(op)).find((input) => input !== undefined);
}

/** bfloat16 is held as float32: its bits are the upper half of a float32. */
function heldTensor(tensor: Tensor): Tensor {
	if (tensor.dtype !== "bfloat16") return tensor;
	const bits = Uint32Array.from(
		tensor.data as Uint16Array,
		(half) => half << 16,
	);
	return {
		dtype: "float32",
		shape: tensor.shape,
		data: new Float32Array(bits.buffer),
	};
}

function sharingKey(tensor: Tensor): string | undefined {
	if (
		!ArrayBuffer.isView(tensor.data) ||
		tensor.data.byteLength > SHARED_BYTES ||
		elementCount(tensor.shape) > SHARED_BYTES
	)
		return undefined;
	return `${tensor.dtype}:${tensor.shape}:${tensorBytes(tensor).join()}`;
}
