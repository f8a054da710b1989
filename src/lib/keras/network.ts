import { fail } from "../errors.js";
import { nearest, quoted } from "../nearest.js";
import type { Actual, ActualCall, Flow } from "./entry.js";
import type { Argument, Layer, Model, TensorRef } from "./model.js";

/** Calls a layer; what a network is told by whoever builds the graph. */
export type CallLayer = (layer: Layer, call: ActualCall) => readonly Flow[];

/** What a network gives: a tensor, or lists and dictionaries of them. */
export type Structure =
	| Flow
	| readonly Structure[]
	| { readonly entries: Readonly<Record<string, Structure>> };

/**
 * Runs a model's layers on inputs, which stand in the order of its input layers. Fails with CORRUPT where a layer is called
 * with what nobody makes.
 */
export function runNetwork(
	model: Model,
	inputs: readonly Flow[],
	call: CallLayer,
): Structure {
	return model.kind === "sequential"
		? runChain(model, inputs, call)
		: new Network(model, call).run(inputs);
}

/** The tensors of a structure, dictionaries in the order of their keys as TensorFlow flattens them. */
export function flattened(structure: Structure): readonly Flow[] {
	if (isFlow(structure)) return [structure];
	if (isList(structure)) return structure.flatMap(flattened);
	return Object.keys(structure.entries)
		.sort()
		.flatMap((key) => flattened(structure.entries[key]));
}

export function isFlow(structure: Structure): structure is Flow {
	return "dtype" in structure;
}

export function isList(
	structure: Structure,
): structure is readonly Structure[] {
	return Array.isArray(structure);
}

/** The refs of the tensors in an argument, in order. */
export function refsOf(argument: Argument): readonly TensorRef[] {
	if (argument.kind === "tensor") return [argument];
	if (argument.kind === "list") return argument.items.flatMap(refsOf);
	if (argument.kind === "map")
		return Object.keys(argument.entries)
			.sort()
			.flatMap((key) => refsOf(argument.entries[key]));
	return [];
}

const INPUT_CLASS = "InputLayer";

export function isInput({ className }: Layer): boolean {
	return className === INPUT_CLASS;
}

function runChain(
	model: Model,
	inputs: readonly Flow[],
	call: CallLayer,
): Structure {
	let flows = inputs;
	for (const layer of model.layers) {
		if (isInput(layer)) continue;
		flows = call(layer, { args: [actualList(flows)], kwargs: {} });
	}
	return flows.length === 1 ? flows[0] : flows;
}

function actualList(flows: readonly Flow[]): Actual {
	const items = flows.map((flow): Actual => ({ kind: "tensor", flow }));
	return items.length === 1 ? items[0] : { kind: "list", items };
}

interface Step {
	readonly layer: Layer;
	readonly node: number;
	readonly refs: readonly TensorRef[];
}

/** A functional model while it runs: calls wait for what they are called with. Has a lifetime: one run. */
class Network {
	readonly #model: Model;
	readonly #call: CallLayer;
	readonly #made = new Map<string, readonly Flow[]>();
	readonly #layers: ReadonlyMap<string, Layer>;
	/** By layer: models that Keras 2 wrote as layers count their own making as call 0 (functional.py, kept_nodes). */
	readonly #offsets = new Map<string, number>();

	constructor(model: Model, call: CallLayer) {
		this.#model = model;
		this.#call = call;
		this.#layers = new Map(model.layers.map((layer) => [layer.name, layer]));
	}

	run(inputs: readonly Flow[]): Structure {
		const { inputs: ports, outputs, layers } = this.#model;
		const wanted = refsOf(ports);
		if (wanted.length !== inputs.length)
			throw fail(
				"CORRUPT",
				`cannot call model "${this.#model.name}": it takes ${wanted.length} inputs, ${inputs.length} are given`,
			);
		for (const [i, ref] of wanted.entries())
			this.#made.set(keyOf(ref.layer, ref.node), [inputs[i]]);
		const steps = layers.flatMap((layer) =>
			layer.calls.map((call, node) => ({
				layer,
				node,
				refs: [...call.args, ...Object.values(call.kwargs)].flatMap(refsOf),
			})),
		);
		this.#findOffsets(steps);
		for (const step of inOrder(steps, this.#made, (ref) => this.#keyOf(ref)))
			this.#run(step);
		return this.#structure(outputs);
	}

	#run({ layer, node }: Step): void {
		const { args, kwargs } = layer.calls[node];
		const call = {
			args: args.map((argument) => this.#actual(argument)),
			kwargs: Object.fromEntries(
				Object.entries(kwargs).map(([key, argument]) => [
					key,
					this.#actual(argument),
				]),
			),
		};
		this.#made.set(keyOf(layer.name, node), this.#call(layer, call));
	}

	#findOffsets(steps: readonly Step[]): void {
		const refs = [
			...steps.flatMap((step) => step.refs),
			...refsOf(this.#model.outputs),
		];
		for (const { layer: name, node } of refs) {
			const layer = this.#layers.get(name);
			if (layer?.model !== undefined && node >= layer.calls.length)
				this.#offsets.set(name, 1);
		}
	}

	#keyOf({ layer, node }: TensorRef): string {
		return keyOf(layer, node - (this.#offsets.get(layer) ?? 0));
	}

	#flow(ref: TensorRef): Flow {
		const found = this.#made.get(this.#keyOf(ref))?.[ref.index];
		if (found === undefined) throw this.#missing(ref);
		return found;
	}

	#missing({ layer, node, index }: TensorRef) {
		const names = [...this.#layers.keys()];
		return fail(
			"CORRUPT",
			this.#layers.has(layer)
				? `cannot run model "${this.#model.name}": nothing makes output ${index} of call ${node} of layer "${layer}"`
				: `cannot run model "${this.#model.name}": it has no layer "${layer}"; nearest are ${quoted(nearest(layer, names))}`,
			{ at: { layer } },
		);
	}

	#actual(argument: Argument): Actual {
		if (argument.kind === "tensor")
			return { kind: "tensor", flow: this.#flow(argument) };
		if (argument.kind === "list")
			return {
				kind: "list",
				items: argument.items.map((item) => this.#actual(item)),
			};
		if (argument.kind === "map")
			return {
				kind: "map",
				entries: Object.fromEntries(
					Object.entries(argument.entries).map(([key, item]) => [
						key,
						this.#actual(item),
					]),
				),
			};
		return argument;
	}

	#structure(argument: Argument): Structure {
		if (argument.kind === "tensor") return this.#flow(argument);
		if (argument.kind === "list")
			return argument.items.map((item) => this.#structure(item));
		if (argument.kind === "map")
			return {
				entries: Object.fromEntries(
					Object.entries(argument.entries).map(([key, item]) => [
						key,
						this.#structure(item),
					]),
				),
			};
		throw fail(
			"CORRUPT",
			`cannot run model "${this.#model.name}": one of its outputs is no tensor`,
		);
	}
}

/** Calls in an order in which each has what it needs; those that nothing feeds are left out, and missed where they count. */
function inOrder(
	steps: readonly Step[],
	made: ReadonlyMap<string, unknown>,
	keyOfRef: (ref: TensorRef) => string,
): readonly Step[] {
	const waiting = new Map<string, Step[]>();
	const missing = new Map<Step, number>();
	const ready: Step[] = [];
	for (const step of steps) {
		const needs = new Set(
			step.refs.map(keyOfRef).filter((key) => !made.has(key)),
		);
		missing.set(step, needs.size);
		if (needs.size === 0) ready.push(step);
		for (const key of needs) {
			const others = waiting.get(key);
			if (others === undefined) waiting.set(key, [step]);
			else others.push(step);
		}
	}
	for (let i = 0; i < ready.length; i++)
		for (const next of waiting.get(keyOf(ready[i].layer.name, ready[i].node)) ??
			[]) {
			const left = (missing.get(next) ?? 0) - 1;
			missing.set(next, left);
			if (left === 0) ready.push(next);
		}
	return ready;
}

function keyOf(layer: string, node: number): string {
	return `${node}:${layer}`;
}
