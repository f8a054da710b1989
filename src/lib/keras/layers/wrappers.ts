import { fail } from "../../errors.js";
import { tensorsOf } from "../call.js";
import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import { lengthsOf, rankOf, reshaped } from "../graph/shape.js";
import type { Layer } from "../model.js";
import { flag, unsupported } from "../settings.js";

function held(layer: Layer): Layer {
	const inner = layer.children.layer?.[0];
	if (inner === undefined)
		throw fail("CORRUPT", `cannot find the layer inside "${layer.name}"`, {
			at: { layer: layer.name },
		});
	return inner;
}

/** What Keras makes of the wrapped layer: both ways give zeros where the mask hides (keras layers/rnn/bidirectional.py). */
interface Ways {
	readonly forth: Layer;
	readonly back: Layer;
}

/** Weights belong to a layer, so each way is one object for all who ask. */
const WAYS = new WeakMap<Layer, Ways>();

function waysOf(layer: Layer): Ways {
	const known = WAYS.get(layer);
	if (known !== undefined) return known;
	const inner = held(layer);
	const zero = { zero_output_for_mask: true };
	const forth = { ...inner, config: { ...inner.config, ...zero } };
	const other = layer.children.backward_layer?.[0];
	const back =
		other === undefined
			? {
					...inner,
					config: {
						...inner.config,
						...zero,
						go_backwards: !flag(inner, "go_backwards", false),
					},
				}
			: { ...other, config: { ...other.config, ...zero } };
	const ways = {
		forth: { ...forth, name: `forward_${inner.name}` },
		back: { ...back, name: `backward_${inner.name}` },
	};
	WAYS.set(layer, ways);
	return ways;
}

const bidirectional: LayerEntry = {
	mask: "made",
	holds: (layer) => {
		const { forth, back } = waysOf(layer);
		return [
			{ path: "forward_layer", layer: forth },
			{ path: "backward_layer", layer: back },
		];
	},
	emit: (scope) => {
		const { layer, graph, inputs } = scope;
		const { forth, back } = waysOf(layer);
		const given = scope.call.kwargs.initial_state;
		const [x, ...listed] = inputs;
		const states = [
			...listed,
			...(given === undefined ? [] : tensorsOf(given)),
		];
		const half = states.length / 2;
		const [y, ...ahead] = scope.run(forth, [x, ...states.slice(0, half)]);
		const [turned, ...behind] = scope.run(back, [x, ...states.slice(half)]);
		const isSequence = flag(held(layer), "return_sequences", false);
		const other = isSequence
			? graph.op("ReverseV2", [turned, graph.ints([1])])
			: turned;
		const merged = merge(scope, y, other);
		const mask = isSequence ? x.mask : undefined;
		const shown = merged.map((flow) =>
			mask === undefined ? flow : { ...flow, mask },
		);
		return [...shown, ...ahead, ...behind];
	},
};

function merge(scope: LayerScope, y: Flow, other: Flow): readonly Flow[] {
	const { layer, graph } = scope;
	const { merge_mode: mode = "concat" } = layer.config;
	if (mode === null) return [y, other];
	const merges: Readonly<Record<string, () => Flow>> = {
		concat: () => graph.op("ConcatV2", [y, other, graph.scalar("int32", -1)]),
		sum: () => graph.op("AddV2", [y, other]),
		ave: () =>
			graph.op("Mul", [
				graph.op("AddV2", [y, other]),
				graph.scalar(y.dtype, 0.5),
			]),
		mul: () => graph.op("Mul", [y, other]),
	};
	if (typeof mode !== "string" || !Object.hasOwn(merges, mode))
		throw unsupported(layer, `its merge_mode is ${JSON.stringify(mode)}`);
	return [merges[mode]()];
}

/** Steps become rows of one batch, and rows steps again. */
const timeDistributed: LayerEntry = {
	mask: "passes",
	holds: (layer) => [{ path: "layer", layer: held(layer) }],
	emit: (scope) => {
		const { layer, graph, inputs } = scope;
		const [x] = inputs;
		const [batch, time, ...rest] = lengthsOf(graph, x);
		const rows =
			typeof batch === "number" && typeof time === "number"
				? batch * time
				: graph.op("Mul", [
						typeof batch === "number" ? graph.scalar("int32", batch) : batch,
						typeof time === "number" ? graph.scalar("int32", time) : time,
					]);
		const flat = reshaped(graph, x, [rows, ...rest]);
		const outputs = scope.run(held(layer), [flat]);
		return outputs.map((output) => {
			rankOf(output);
			const [, ...inner] = lengthsOf(graph, output);
			return reshaped(graph, output, [batch, time, ...inner]);
		});
	},
};

export const WRAPPER_LAYERS: Readonly<Record<string, LayerEntry>> = {
	Bidirectional: bidirectional,
	TimeDistributed: timeDistributed,
};
