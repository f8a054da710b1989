import { fail } from "../../errors.js";
import type { GraphTypes } from "../../graph/infer.js";
import type { Graph, Node, ValueName } from "../../graph/ir.js";
import { Names } from "../../graph/names.js";
import type { ValueType } from "../../ops/define.js";
import { type Constant, heldConstant } from "../../tensor/constant.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { tensorBytes } from "../../tensor/tensor.js";
import type {
	OnnxAttrs,
	OnnxGraph,
	OnnxInitializer,
	OnnxNode,
	OnnxPort,
} from "./graph.js";
import { firstTypedInput, kernelType, storageType } from "./kernels.js";
import { channelsFirstConstant } from "./layout.js";
import { livingGraph } from "./liveness.js";
import type {
	EmitOptions,
	LowerContext,
	NestedOutputs,
	OnnxValue,
} from "./lowering.js";

/** Constants up to this size are compared and shared; larger ones are weights, which rarely repeat. */
const SHARED_BYTES = 256;

/** A Program's value in the ONNX graph: in TensorFlow's order of axes, channels first, or both. */
interface Lowered {
	plain?: OnnxValue;
	channelsFirst?: OnnxValue;
}

/** What the builder must know of the Program that is lowered. */
export interface LoweringSource extends GraphTypes {
	/** A body of control flow. */
	bodyOf(name: string): Graph;
	/** Lowers the nodes of a body into a builder, in which its inputs are bound. */
	lowerNodes(builder: OnnxBuilder, body: Graph): void;
}

/** What a graph and the bodies inside it have in common: their names, and initializers, which all of them see. */
interface Commons {
	readonly source: LoweringSource;
	readonly initializers: OnnxInitializer[];
	readonly shared: Map<string, OnnxValue>;
	readonly derived: Map<string, OnnxValue>;
	readonly names: Names;
}

/** Collects the nodes and initializers of one ONNX graph, or of a body inside one. Has a lifetime: one lowering. */
export class OnnxBuilder {
	readonly nodes: OnnxNode[] = [];
	readonly #commons: Commons;
	readonly #around: OnnxBuilder | undefined;
	readonly #values = new Map<ValueName, Lowered>();
	#scope = "";

	constructor(source: LoweringSource, around?: OnnxBuilder) {
		this.#around = around;
		this.#commons = around === undefined ? newCommons(source) : around.#commons;
		this.#scope = around === undefined ? "" : around.#scope;
	}

	get initializers(): readonly OnnxInitializer[] {
		return this.#commons.initializers;
	}

	get #source(): LoweringSource {
		return this.#commons.source;
	}

	/** Declares that a value of the Program is this one of the ONNX graph. */
	bind(value: ValueName, lowered: OnnxValue): void {
		this.#values.set(
			value,
			lowered.channelsFirst ? { channelsFirst: lowered } : { plain: lowered },
		);
	}

	/** What is known of a value here; a body sees what the graph around it has made so far, and adds to it for itself. */
	#lowered(value: ValueName): Lowered {
		const own = this.#values.get(value);
		if (own !== undefined) return own;
		return this.#around === undefined
			? {}
			: { ...this.#around.#lowered(value) };
	}

	/** A name that is free in the ONNX graph, `wanted` itself if possible. */
	reserve(wanted: string): string {
		return this.#commons.names.take(wanted);
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
			channelsFirst: (index, rank) =>
				this.#channelsFirst(node.inputs[index], rank),
			isChannelsFirst: (index) =>
				this.#lowered(node.inputs[index]).channelsFirst !== undefined,
			emit: (op, inputs, attrs, options) =>
				this.emit(op, inputs, attrs, options),
			emitMany: (op, inputs, dtypes, attrs) =>
				this.emitMany(op, inputs, dtypes, attrs),
			derived: (index, key, make) =>
				this.#derived(node.inputs[index], key, make),
			initializer: (tensor) => this.initializer(heldConstant(tensor)),
			ints: (values) =>
				this.initializer(
					heldConstant(tensorFromNumbers("int64", [values.length], values)),
				),
			scalar: (dtype, value) => this.scalar(dtype, value),
			cast: (value, dtype) => this.cast(value, dtype),
			types: this.#source,
			bodyOf: (name) => this.#source.bodyOf(name),
			call: (name, args) => this.#call(name, args),
			nested: (inputs, make) => this.#nested(node, inputs, make),
		};
	}

	/** Lowers a body here, as if it stood in this graph, and returns its outputs. */
	#call(name: string, args: readonly OnnxValue[]): readonly OnnxValue[] {
		const body = this.#source.bodyOf(name);
		for (const [i, { value }] of body.inputs.entries())
			this.bind(value, args[i]);
		this.#source.lowerNodes(this, body);
		return body.outputs.map(({ value }) => this.plain(value));
	}

	/** A graph inside this one. Its outputs are nodes of their own, since they may be values from around it. */
	#nested(
		node: Node,
		inputs: readonly ValueType[],
		make: NestedOutputs,
	): OnnxGraph {
		const inner = new OnnxBuilder(this.#source, this);
		const ports = inputs.map(
			({ dtype, shape }, i): OnnxPort => ({
				name: this.reserve(`${this.#scope}/in_${i}`),
				dtype,
				shape,
			}),
		);
		const given = ports.map(({ name, dtype }): OnnxValue => ({ name, dtype }));
		const outputs = make(inner.contextOf(node), given).map((value) =>
			inner.emit("Identity", [value]),
		);
		return livingGraph({
			name: this.reserve(`${this.#scope}/body`),
			inputs: ports,
			outputs: outputs.map(({ name, dtype }) => ({
				name,
				dtype,
				shape: undefined,
			})),
			nodes: inner.nodes,
			initializers: [],
		});
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

	initializer(constant: Constant): OnnxValue {
		const held = heldForm(constant);
		const key = sharingKey(held);
		const shared =
			key === undefined ? undefined : this.#commons.shared.get(key);
		if (shared !== undefined) return shared;
		const value: OnnxValue = {
			name: this.reserve(`${this.#scope || "graph"}/const`),
			dtype: held.dtype,
		};
		this.#commons.initializers.push({ name: value.name, constant: held });
		if (key !== undefined) this.#commons.shared.set(key, value);
		return value;
	}

	scalar(dtype: DType, value: number): OnnxValue {
		return this.initializer(
			heldConstant(tensorFromNumbers(storageType(dtype) ?? dtype, [], [value])),
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
		const entry = this.#lowered(value);
		if (entry.plain === undefined) {
			const constant =
				entry.channelsFirst === undefined
					? this.#source.constantOf(value)
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
		make: (constant: Constant) => Constant,
	): OnnxValue | undefined {
		const place = `${value} ${key}`;
		const known = this.#commons.derived.get(place);
		if (known !== undefined) return known;
		const constant = this.#source.constantOf(value);
		if (constant === undefined) return undefined;
		const made = this.initializer(make(constant));
		this.#commons.derived.set(place, made);
		return made;
	}

	#channelsFirst(value: ValueName, rank?: number): OnnxValue {
		const entry = this.#lowered(value);
		if (entry.channelsFirst === undefined) {
			const constant = this.#source.constantOf(value);
			const made =
				constant !== undefined
					? this.initializer(channelsFirstConstant(constant))
					: this.#transposed(
							this.plain(value),
							value,
							channelsFirstOrder,
							rank,
						);
			entry.channelsFirst = { ...made, channelsFirst: true };
			this.#values.set(value, {
				...this.#lowered(value),
				channelsFirst: entry.channelsFirst,
			});
		}
		return entry.channelsFirst;
	}

	#transposed(
		from: OnnxValue | undefined,
		value: ValueName,
		order: (rank: number) => number[],
		wanted?: number,
	): OnnxValue {
		const rank = this.#source.typeOf(value).shape?.length ?? wanted;
		if (from === undefined || rank === undefined)
			throw fail(
				"BUG",
				`value "${value}" was used before it was lowered, or its rank is not known`,
			);
		const [output] = this.#add(
			"Transpose",
			[from],
			[from.dtype],
			{ perm: order(rank) },
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

function newCommons(source: LoweringSource): Commons {
	return {
		source,
		initializers: [],
		shared: new Map(),
		derived: new Map(),
		names: new Names(),
	};
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
function heldForm(constant: Constant): Constant {
	if (constant.dtype !== "bfloat16") return constant;
	return {
		dtype: "float32",
		shape: constant.shape,
		byteLength: 2 * constant.byteLength,
		read: () => {
			const { shape, data } = constant.read();
			const bits = Uint32Array.from(data as Uint16Array, (half) => half << 16);
			return { dtype: "float32", shape, data: new Float32Array(bits.buffer) };
		},
	};
}

/** `undefined` for what is not shared: text, and what is large. */
function sharingKey(constant: Constant): string | undefined {
	const { dtype, shape, byteLength } = constant;
	if (DTYPES[dtype].bytes === 0 || byteLength > SHARED_BYTES) return undefined;
	return `${dtype}:${shape}:${tensorBytes(constant.read()).join()}`;
}
