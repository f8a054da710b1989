import { negatedConstant } from "../../tensor/constant.js";
import { int, texts } from "./attrs.js";
import type { WebWeight } from "./storage.js";
import type { WebAttrs, WebNode } from "./topology.js";

/** The weights of a model, which its graphs share; fusing may add some. */
export interface FusionWeights {
	find(name: string): WebWeight | undefined;
	/** Adds a weight under a name like this one, and returns the node that stands for it. */
	add(wanted: string, weight: Omit<WebWeight, "name">): WebNode;
}

/**
 * Puts nodes together where TensorFlow.js has one kernel for them, as tensorflowjs_converter does: a product with its bias and
 * activation (`_FusedConv2D`, `FusedDepthwiseConv2dNative`, `_FusedMatMul`), and the four nodes that Keras makes of PReLU.
 * `returned` are names of nodes that are used from outside.
 */
export function fuseNodes(
	nodes: readonly WebNode[],
	weights: FusionWeights,
	returned: Iterable<string>,
): readonly WebNode[] {
	const graph = new Fusion(nodes, weights, returned);
	const made = nodes.flatMap((node) => graph.fused(node));
	return graph.living(made);
}

/** Products with a fused form, and which axis of their filter has a number a channel. */
const PRODUCTS: Readonly<Record<string, Product | undefined>> = {
	Conv2D: {
		op: "_FusedConv2D",
		channels: ({ shape }) => (shape.length === 4 ? shape[3] : undefined),
	},
	DepthwiseConv2dNative: {
		op: "FusedDepthwiseConv2dNative",
		channels: ({ shape }) =>
			shape.length === 4 ? shape[2] * shape[3] : undefined,
	},
	MatMul: {
		op: "_FusedMatMul",
		channels: ({ shape }, { transpose_b, T }) =>
			T?.type === "DT_FLOAT" ? shape[transpose_b?.b ? 0 : 1] : undefined,
	},
};

interface Product {
	readonly op: string;
	/** How many numbers its bias has to have. */
	channels(
		filter: { readonly shape: readonly number[] },
		attrs: WebAttrs,
	): number | undefined;
}

/** Activations that fused kernels know, with what they need. */
const ACTIVATIONS: Readonly<
	Record<string, ((attrs: WebAttrs) => WebAttrs) | undefined>
> = {
	Relu: () => ({}),
	Relu6: () => ({}),
	Elu: () => ({}),
	Sigmoid: () => ({}),
	LeakyRelu: ({ alpha }) => (alpha && { leakyrelu_alpha: alpha }) || {},
};

/** Has a lifetime: one graph. */
class Fusion {
	readonly #weights: FusionWeights;
	/** What stands for a value now, by the name of the node that made it. */
	readonly #nodes = new Map<string, WebNode>();
	readonly #uses = new Map<string, number>();
	readonly #returned: ReadonlySet<string>;

	constructor(
		nodes: readonly WebNode[],
		weights: FusionWeights,
		returned: Iterable<string>,
	) {
		this.#weights = weights;
		this.#returned = new Set(returned);
		const used = nodes.flatMap(({ input = [] }) => input);
		for (const name of [...used, ...this.#returned])
			this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
	}

	/** The node, or what takes its place; nodes that went into it are taken away by `living`. */
	fused(node: WebNode): readonly WebNode[] {
		const made = this.#biased(node) ??
			this.#activated(node) ??
			this.#prelu(node) ?? [node];
		this.#nodes.set(node.name, made[made.length - 1]);
		return made;
	}

	/** Without what nothing uses any more. */
	living(nodes: readonly WebNode[]): readonly WebNode[] {
		const needed = new Set(this.#returned);
		const kept = nodes.toReversed().filter(({ name, op, input = [] }) => {
			const isNeeded = op === "Placeholder" || needed.has(name);
			if (isNeeded) for (const value of input) needed.add(nodeOf(value));
			return isNeeded;
		});
		return kept.reverse();
	}

	/** A node that nothing else uses. */
	#only(value: string): WebNode | undefined {
		return this.#uses.get(value) === 1 ? this.#nodes.get(value) : undefined;
	}

	#biased({ name, op, input = [] }: WebNode): readonly WebNode[] | undefined {
		if (op !== "AddV2") return undefined;
		for (const [value, other] of [input, input.toReversed()]) {
			const product = this.#only(value);
			const row = product && PRODUCTS[product.op];
			const filter = product && this.#weights.find(product.input?.[1] ?? "");
			const bias = this.#weights.find(other);
			if (!row || !filter || !bias) continue;
			const channels = row.channels(filter.constant, product.attr);
			const { shape } = bias.constant;
			if (shape.length !== 1 || shape[0] !== channels) continue;
			if (bias.dtype !== "float32") continue;
			const attr = {
				...product.attr,
				fused_ops: texts(["BiasAdd"]),
				num_args: int(1),
			};
			const inputs = [...(product.input ?? []), other];
			return [{ name, op: row.op, input: inputs, attr }];
		}
		return undefined;
	}

	#activated({
		name,
		op,
		input = [],
		attr,
	}: WebNode): readonly WebNode[] | undefined {
		const more = ACTIVATIONS[op]?.(attr);
		const product = more && this.#only(input[0]);
		if (product === undefined || !FUSED.has(product.op)) return undefined;
		if (product.attr.fused_ops?.list?.s?.length !== 1) return undefined;
		const fused_ops = texts(["BiasAdd", op]);
		return [
			{ ...product, name, attr: { ...product.attr, ...more, fused_ops } },
		];
	}

	/** Relu(x) + c·Relu(−x) is PReLU with −c. */
	#prelu({ name, op, input = [] }: WebNode): readonly WebNode[] | undefined {
		if (op !== "AddV2") return undefined;
		const [positive, scaled] = input.map((value) => this.#only(value));
		if (positive?.op !== "Relu" || scaled?.op !== "Mul") return undefined;
		const x = positive.input?.[0];
		const [left, right] = scaled.input ?? [];
		for (const [factor, value] of [
			[left, right],
			[right, left],
		]) {
			const weight = this.#weights.find(factor);
			const mirrored = this.#only(value);
			const negative = mirrored && this.#nodes.get(mirrored.input?.[0] ?? "");
			if (weight?.dtype !== "float32" || mirrored?.op !== "Relu") continue;
			if (negative?.op !== "Neg" || negative.input?.[0] !== x) continue;
			const { dtype, constant } = weight;
			const alpha = this.#weights.add(`${name}/alpha`, {
				dtype,
				constant: negatedConstant(constant),
			});
			const inputs = [x as string, alpha.name];
			return [alpha, { name, op: "Prelu", input: inputs, attr: {} }];
		}
		return undefined;
	}
}

const FUSED: ReadonlySet<string> = new Set(
	Object.values(PRODUCTS).flatMap((row) => row?.op ?? []),
);

/** `conv` of `conv:1` and of `^conv`. */
function nodeOf(value: string): string {
	return value.replace(/^\^/, "").replace(/:\d+$/, "");
}
