import type { GraphTypes } from "../../graph/infer.js";
import type { Node, ValueName } from "../../graph/ir.js";
import { type Constant, heldConstant } from "../../tensor/constant.js";
import type { DType } from "../../tensor/dtype.js";
import { numberTensor, tensorFromNumbers } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import { unfit } from "./arithmetic.js";
import { type } from "./attrs.js";
import type { WebContext, WebValue } from "./lowering.js";
import { narrowStorage, type WebWeight } from "./storage.js";
import type { WebAttrs, WebNode } from "./topology.js";

/** Names and weights that all graphs of a model share: TensorFlow.js looks weights up by name alone. */
export class WebNames {
	readonly weights: WebWeight[] = [];
	readonly #byName = new Map<string, WebWeight>();
	readonly #resources = new Map<string, string>();
	readonly #taken = new Set<string>();

	find(name: string): WebWeight | undefined {
		return this.#byName.get(name);
	}

	add(wanted: string, weight: Omit<WebWeight, "name">): WebNode {
		const name = this.reserve(wanted);
		this.push({ ...weight, name });
		const { dtype } = weight.constant;
		return { name, op: "Const", attr: { dtype: type(dtype) } };
	}

	push(weight: WebWeight): void {
		this.weights.push(weight);
		this.#byName.set(weight.name, weight);
	}

	/** The name of what all graphs call the same. */
	resource(key: string): string {
		const name = this.#resources.get(key) ?? this.reserve(key);
		this.#resources.set(key, name);
		return name;
	}

	/** A name that no other node has; colons and carets mean something to TensorFlow.js. */
	reserve(wanted: string): string {
		const plain = wanted.replace(/[:^,\s]/g, "_") || "unnamed";
		let name = plain;
		for (let i = 1; this.#taken.has(name); i++) name = `${plain}_${i}`;
		this.#taken.add(name);
		return name;
	}
}

/** What happens to values that lists hold: nothing in the main graph, a loop carries them, or nobody can. */
export type Keeping = "nothing" | "carried" | "impossible";

export interface BuilderParts {
	readonly names: WebNames;
	readonly types: GraphTypes;
	readonly used: ReadonlySet<ValueName>;
	readonly makers: ReadonlyMap<ValueName, Node>;
	readonly body: WebContext["body"];
	readonly mayNarrow: WebContext["mayNarrow"];
	/** Before the names of all nodes; empty for the main graph. */
	readonly prefix: string;
	readonly keeping: Keeping;
}

/** Collects the nodes of one graph. Has a lifetime: one lowering. */
export class WebBuilder {
	readonly nodes: WebNode[] = [];
	readonly #names: WebNames;
	readonly #types: GraphTypes;
	readonly #prefix: string;
	readonly #used: ReadonlySet<ValueName>;
	readonly #makers: ReadonlyMap<ValueName, Node>;
	readonly #values = new Map<ValueName, WebValue>();
	readonly #sizes = new Set<ValueName>();
	readonly #body: WebContext["body"];
	readonly #keeping: Keeping;
	readonly #mayNarrow: WebContext["mayNarrow"];
	/** What the graph must return so that lists can hold it. */
	readonly kept: WebValue[] = [];

	constructor({
		names,
		types,
		used,
		makers,
		body,
		mayNarrow,
		prefix,
		keeping,
	}: BuilderParts) {
		this.#mayNarrow = mayNarrow;
		this.#names = names;
		this.#types = types;
		this.#used = used;
		this.#makers = makers;
		this.#body = body;
		this.#prefix = prefix;
		this.#keeping = keeping;
	}

	bind(value: ValueName, web: WebValue): void {
		this.#values.set(value, web);
	}

	/** Values that are sizes, axes and the like, and stay small. */
	markSize(value: ValueName): void {
		this.#sizes.add(value);
	}

	isSize(value: ValueName): boolean {
		const constant = this.#types.constantOf(value);
		return constant !== undefined || this.#sizes.has(value);
	}

	/** What stands for a value; a constant becomes a weight when it is first used. */
	valueOf(value: ValueName): WebValue {
		const known = this.#values.get(value);
		if (known !== undefined) return known;
		const constant = this.#types.constantOf(value);
		// a node that was refused has no values; all reasons are wanted, so its consumers go on
		const made =
			constant === undefined ? "refused" : this.constant(constant, value);
		this.#values.set(value, made);
		return made;
	}

	constant(constant: Constant, wanted: string): WebValue {
		const name = this.reserve(wanted.replace(/:\w+$/, ""));
		const held = narrowStorage(constant.dtype);
		if (typeof held === "string")
			this.#names.push({ name, dtype: held, constant });
		this.nodes.push({
			name,
			op: "Const",
			attr: { dtype: type(constant.dtype) },
		});
		return name;
	}

	reserve(wanted: string): string {
		return this.#names.reserve(`${this.#prefix}${wanted}`);
	}

	contextOf(node: Node): WebContext {
		let count = 0;
		const add = (
			op: string,
			inputs: readonly WebValue[],
			attr: WebAttrs,
		): string => {
			const name = this.reserve(
				count === 0 ? node.name : `${node.name}/${op}_${count}`,
			);
			count++;
			this.nodes.push({ name, op, input: inputs, attr });
			return name;
		};
		const weight = (tensor: Tensor) =>
			this.constant(heldConstant(tensor), `${node.name}/const_${count}`);
		return {
			node,
			inputs: node.inputs.map((input) => this.#types.typeOf(input)),
			outputs: node.outputs.map((output) => this.#types.typeOf(output)),
			constant: (index) => this.#types.constant(node.inputs[index]),
			input: (index) => this.valueOf(node.inputs[index]),
			maker: (index) => this.#makers.get(node.inputs[index]),
			emit: (op, inputs, attrs = {}) => add(op, inputs, attrs),
			emitMany: (op, inputs, outputs, attrs = {}) => {
				const name = add(op, inputs, attrs);
				return Array.from({ length: outputs }, (_, i) =>
					i === 0 ? name : `${name}:${i}`,
				);
			},
			weight,
			scalar: (value, dtype = "int32") => weight(numberTensor(dtype, value)),
			ints: (values) =>
				weight(tensorFromNumbers("int32", [values.length], values)),
			resource: (key, op, attr) => {
				const name = this.#names.resource(key);
				if (this.nodes.every((other) => other.name !== name))
					this.nodes.push({ name, op, attr });
				return name;
			},
			isSize: (index) => this.isSize(node.inputs[index]),
			mayNarrow: this.#mayNarrow,
			isUsed: (index) => this.#used.has(node.outputs[index]),
			body: this.#body,
			keep: (value) => this.#keep(value, add),
		};
	}

	#keep(
		value: WebValue,
		add: (op: string, inputs: readonly WebValue[], attr: WebAttrs) => WebValue,
	): WebValue {
		if (this.#keeping === "nothing") return value;
		if (this.#keeping === "impossible")
			throw unfit(
				"TensorFlow.js 4.22 frees what is put into a list inside a branch or an inner loop",
			);
		const own = add("Identity", [value], {});
		this.kept.push(own);
		return own;
	}

	dtypesOf({ inputs, outputs }: Node): readonly DType[] {
		return [...inputs, ...outputs].map(
			(value) => this.#types.typeOf(value).dtype,
		);
	}
}
