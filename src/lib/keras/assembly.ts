import { fail, MlshipError } from "../errors.js";
import type { Constant } from "../tensor/constant.js";
import { DTYPES } from "../tensor/dtype.js";
import { callWith, tensorsOf } from "./call.js";
import type { ActualCall, Flow, LayerScope } from "./entry.js";
import { GraphBuilder, type Value } from "./graph/builder.js";
import { entryOf } from "./layers/index.js";
import type { Layer, Model } from "./model.js";
import { flattened, runNetwork, type Structure } from "./network.js";
import { operationOf } from "./operations/index.js";
import { policyOf } from "./settings.js";
import { isLayer } from "./slots.js";
import { fitting, type Weights } from "./weights.js";

/** Turns layers into operations of one graph. Has a lifetime: the making of one graph. */
export class Assembly {
	readonly graph = new GraphBuilder();
	readonly #weights: Weights;
	/** Shared layers share their weights. */
	readonly #written = new Map<string, Value>();
	readonly #keys = new Map<Layer, number>();

	constructor(weights: Weights) {
		this.#weights = weights;
	}

	run(model: Model, inputs: readonly Flow[]): Structure {
		return runNetwork(model, inputs, (layer, call) => this.#call(layer, call));
	}

	#call(layer: Layer, call: ActualCall): readonly Flow[] {
		return this.graph.within(layer.name, () => this.#emit(layer, call));
	}

	#emit(layer: Layer, call: ActualCall): readonly Flow[] {
		const given = withMask(call);
		if (layer.model !== undefined)
			return flattened(
				runNetwork(layer.model, given, (inner, innerCall) =>
					this.#call(inner, innerCall),
				),
			);
		if (!isLayer(layer)) return this.#operate(layer, call);
		const entry = entryOf(layer);
		const { compute } = policyOf(layer);
		const integersStay =
			entry.takesIntegers === true ||
			(entry.weights ?? entry.holds) === undefined;
		const inputs = given.map((flow) => {
			if (entry.asGiven) return flow;
			const { kind } = DTYPES[flow.dtype];
			const isFloat = kind === "float" || kind === "half";
			if (kind === "string" || kind === "handle") return flow;
			if (!isFloat && integersStay) return flow;
			return { ...flow, ...this.graph.cast(flow, compute) };
		});
		const made = this.#attempt(layer, () =>
			entry.emit(this.#scope(layer, inputs, call)),
		);
		const outputs = "dtype" in made ? [made] : made;
		const mask = inputs[0]?.mask;
		return outputs.map((output, i) => {
			if (entry.mask === "made") return output;
			const { mask: _, ...plain } = output;
			return entry.mask === "passes" && mask !== undefined && i === 0
				? { ...plain, mask }
				: plain;
		});
	}

	#operate(layer: Layer, call: ActualCall): readonly Flow[] {
		const operation = operationOf(layer);
		const made = this.#attempt(layer, () =>
			operation(this.#scope(layer, [], call)),
		);
		return "dtype" in made ? [made] : made;
	}

	/** A refusal says which layer it is about. */
	#attempt<T>(layer: Layer, work: () => T): T {
		try {
			return work();
		} catch (error) {
			if (!(error instanceof MlshipError) || error.at?.layer !== undefined)
				throw error;
			throw fail(
				error.code,
				`${error.message} (layer "${layer.name}", ${layer.className})`,
				{ cause: error, at: { layer: layer.name, class: layer.className } },
			);
		}
	}

	#scope(layer: Layer, inputs: readonly Flow[], call: ActualCall): LayerScope {
		const policy = policyOf(layer);
		const stored = (name: string, shape: readonly number[]) =>
			fitting(this.#weights, layer, name, shape);
		const written = (constant: Constant, name: string) =>
			this.graph.cast(this.#write(layer, constant, name), policy.compute);
		return {
			layer,
			graph: this.graph,
			policy,
			inputs,
			call,
			stored,
			written,
			weight: (name, shape) => written(stored(name, shape), name),
			once: (name, make) => this.#once(layer, name, make),
			run: (child, flows) => this.#call(child, callWith(flows)),
			on: (flows) => this.#scope(layer, flows, call),
			inside: (child, flows) => this.#scope(child, flows, callWith(flows)),
		};
	}

	#write(layer: Layer, constant: Constant, name: string): Value {
		return this.#once(layer, `${name}:${constant.shape}`, () =>
			this.graph.weight(constant, name, isTrained(layer, name)),
		);
	}

	#once(layer: Layer, name: string, make: () => Value): Value {
		const owner = this.#keys.get(layer) ?? this.#keys.size;
		this.#keys.set(layer, owner);
		const key = `${owner}:${name}`;
		const value = this.#written.get(key) ?? make();
		this.#written.set(key, value);
		return value;
	}
}

function isTrained(layer: Layer, name: string): boolean {
	const own = entryOf(layer).weights?.(layer) ?? [];
	const isStatistic = own.some(
		(weight) => weight.name === name && weight.trainable === false,
	);
	return layer.config.trainable !== false && !isStatistic;
}

/** The tensors of the first argument, with a mask that is given by name. */
function withMask({ args, kwargs }: ActualCall): readonly Flow[] {
	const first = args[0] ?? kwargs.inputs ?? Object.values(kwargs)[0];
	const flows = first === undefined ? [] : tensorsOf(first);
	const masks = kwargs.mask === undefined ? [] : tensorsOf(kwargs.mask);
	return flows.map((flow, i) =>
		masks[i] === undefined ? flow : { ...flow, mask: masks[i] },
	);
}
