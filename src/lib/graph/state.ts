import type { Constant } from "../tensor/constant.js";
import type { DType } from "../tensor/dtype.js";
import type { Shape } from "../tensor/tensor.js";
import type { Port, ValueName } from "./ir.js";

/** A variable, as what a handle or a reference means. */
export interface VariableHandle {
	/** Equal for all nodes that stand for one variable. */
	readonly key: string;
	readonly dtype: DType;
	readonly shape: Shape;
	/** Its value in the checkpoint. */
	readonly initial?: Constant;
	/** A reference of TensorFlow 1 is read by whoever takes a value from it. */
	readonly isReference: boolean;
}

/** The values of changing variables along one graph, in the order of its nodes. Has a lifetime: the graph's inlining. */
export class GraphState {
	readonly #prefix: string;
	readonly #handles = new Map<string, VariableHandle>();
	readonly #entries = new Map<string, Port>();
	readonly #current = new Map<string, ValueName>();
	readonly #written = new Set<string>();

	constructor(prefix: string) {
		this.#prefix = prefix;
	}

	/** The variables that the graph reads or sets, by key. */
	get handles(): ReadonlyMap<string, VariableHandle> {
		return this.#handles;
	}

	get written(): ReadonlySet<string> {
		return this.#written;
	}

	read(handle: VariableHandle): ValueName {
		this.#handles.set(handle.key, handle);
		return this.#current.get(handle.key) ?? this.entry(handle).value;
	}

	write(handle: VariableHandle, value: ValueName): void {
		this.#handles.set(handle.key, handle);
		this.#written.add(handle.key);
		this.#current.set(handle.key, value);
	}

	/** Whether the variable's value comes from outside: it was read before it was set, or its entry was asked for. */
	hasEntry(key: string): boolean {
		return this.#entries.has(key);
	}

	/** The input of the graph that brings the variable's value. */
	entry({ key, dtype, shape }: VariableHandle): Port {
		const known = this.#entries.get(key);
		if (known !== undefined) return known;
		const port: Port = {
			name: stateName(key),
			value: `${this.#prefix}${stateName(key)}`,
			dtype,
			shape,
		};
		this.#entries.set(key, port);
		return port;
	}

	/** The output of the graph that gives the variable's last value. */
	exit(handle: VariableHandle): Port {
		const entry = this.entry(handle);
		return { ...entry, value: this.#current.get(handle.key) ?? entry.value };
	}
}

/** What the inputs and outputs are called that bring and give a variable's value. */
export function stateName(key: string): string {
	return `variable:${key}`;
}
