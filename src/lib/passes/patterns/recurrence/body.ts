import { boolAttr, intAttr, stringsAttr } from "../../../graph/attrs.js";
import type { GraphTypes } from "../../../graph/infer.js";
import type { Graph, Node, ValueName } from "../../../graph/ir.js";
import type { Tensor } from "../../../tensor/tensor.js";
import type { Activated, Activation } from "./cell.js";
import { hardSigmoid } from "./hard-sigmoid.js";

/** A sum of products with constant weights, and of constant vectors. */
export interface AffineSum {
	readonly terms: readonly Term[];
	readonly biases: readonly Tensor[];
}

export interface Term {
	readonly source: ValueName;
	/** [features, columns] */
	readonly weights: Tensor;
}

/** Columns `from` to `to` of a matrix. */
export interface Columns {
	readonly source: ValueName;
	readonly from: number;
	readonly to: number;
}

const ADDING: ReadonlySet<string> = new Set(["AddV2", "Add", "BiasAdd"]);
const ACTIVATIONS: ReadonlySet<string> = new Set<Activation>([
	"Sigmoid",
	"Tanh",
	"Relu",
	"Elu",
	"Softsign",
	"Softplus",
]);

/** What the body of a loop computes, asked from its results backwards. */
export class BodyView {
	readonly #producers: ReadonlyMap<ValueName, Node>;
	readonly #types: GraphTypes;
	readonly #counters: ReadonlySet<ValueName>;

	constructor(
		{ nodes }: Graph,
		types: GraphTypes,
		counters: ReadonlySet<ValueName>,
	) {
		this.#producers = new Map(
			nodes.flatMap((node) =>
				node.outputs.map((output) => [output, node] as const),
			),
		);
		this.#types = types;
		this.#counters = counters;
	}

	/** The inputs of the node that makes a value, if it is of this op. */
	inputsOf(value: ValueName, op: string): readonly ValueName[] | undefined {
		const node = this.#producers.get(value);
		return node?.op === op ? node.inputs : undefined;
	}

	/** The operands of a sum of two. */
	added(value: ValueName): readonly ValueName[] | undefined {
		const node = this.#producers.get(value);
		return node !== undefined && ADDING.has(node.op) ? node.inputs : undefined;
	}

	/** A float32 constant. */
	constant(value: ValueName): Tensor | undefined {
		const constant = this.#types.constantOf(value);
		return constant?.dtype === "float32" ? constant.read() : undefined;
	}

	activated(value: ValueName): Activated | undefined {
		const node = this.#producers.get(value);
		if (node === undefined || !ACTIVATIONS.has(node.op))
			return hardSigmoid(this, value);
		return { source: node.inputs[0], activation: node.op as Activation };
	}

	/** The sequence that a value is this round's row of. */
	sequenceOf(value: ValueName): ValueName | undefined {
		const inputs = this.inputsOf(value, "GatherV2");
		return inputs !== undefined && this.#counters.has(inputs[1])
			? inputs[0]
			: undefined;
	}

	affine(value: ValueName): AffineSum | undefined {
		const bias = this.constant(value);
		if (bias !== undefined)
			return bias.shape.length === 1
				? { terms: [], biases: [bias] }
				: undefined;
		const operands = this.added(value);
		if (operands !== undefined)
			return joined(operands.map((v) => this.affine(v)));
		const node = this.#producers.get(value);
		if (node?.op !== "MatMul" && node?.op !== "_FusedMatMul") return undefined;
		const [source, factor, bias2] = node.inputs;
		const weights = this.constant(factor);
		const isPlain =
			!boolAttr(node, "transpose_a") &&
			!boolAttr(node, "transpose_b") &&
			(node.op === "MatMul" ||
				stringsAttr(node, "fused_ops").join() === "BiasAdd");
		if (weights === undefined || !isPlain) return undefined;
		const product: AffineSum = { terms: [{ source, weights }], biases: [] };
		return bias2 === undefined
			? product
			: joined([product, this.affine(bias2)]);
	}

	/** What a value is columns of: an output of Split, or a slice of all rows. */
	columns(value: ValueName): Columns | undefined {
		const node = this.#producers.get(value);
		const split =
			node?.op === "Split" ? this.#splitColumns(node, value) : undefined;
		if (split !== undefined) return split;
		return node?.op === "StridedSlice" ? this.#slicedColumns(node) : undefined;
	}

	#splitColumns(node: Node, value: ValueName): Columns | undefined {
		const [axisValue, source] = node.inputs;
		const axis = this.#numbers(axisValue)?.[0];
		const width = this.#width(source);
		if (width === undefined || (axis !== 1 && axis !== -1)) return undefined;
		const size = width / intAttr(node, "num_split");
		const index = node.outputs.indexOf(value);
		return { source, from: index * size, to: (index + 1) * size };
	}

	#slicedColumns(node: Node): Columns | undefined {
		const [source, ...bounds] = node.inputs;
		const [begin, end, strides] = bounds.map((bound) => this.#numbers(bound));
		const width = this.#width(source);
		const hasOtherMasks = [
			"ellipsis_mask",
			"new_axis_mask",
			"shrink_axis_mask",
		].some((mask) => intAttr(node, mask) !== 0);
		if (
			width === undefined ||
			begin?.length !== 2 ||
			end?.length !== 2 ||
			strides?.join() !== "1,1" ||
			hasOtherMasks
		)
			return undefined;
		const [fromStart, toEnd] = [
			intAttr(node, "begin_mask"),
			intAttr(node, "end_mask"),
		];
		// all rows: both bounds of axis 0 are left open
		if ((fromStart & toEnd & 1) === 0) return undefined;
		const place = (bound: number) => (bound < 0 ? bound + width : bound);
		return {
			source,
			from: fromStart & 2 ? 0 : place(begin[1]),
			to: toEnd & 2 ? width : place(end[1]),
		};
	}

	#width(value: ValueName): number | undefined {
		const { shape } = this.#types.typeOf(value);
		return shape?.length === 2 && shape[1] >= 0 ? shape[1] : undefined;
	}

	#numbers(value: ValueName): readonly number[] | undefined {
		const tensor = this.#types.constant(value);
		return tensor && Array.from(tensor.data as ArrayLike<number>, Number);
	}
}

function joined(
	parts: readonly (AffineSum | undefined)[],
): AffineSum | undefined {
	if (!parts.every((part) => part !== undefined)) return undefined;
	return {
		terms: parts.flatMap(({ terms }) => terms),
		biases: parts.flatMap(({ biases }) => biases),
	};
}
