import type { LiteOp, LiteOptions } from "../../../lite/schema.js";
import type { Constant } from "../../../tensor/constant.js";
import { toFloat16 } from "../../../tensor/half.js";
import { elementCount } from "../../../tensor/tensor.js";
import type {
	LiteGraph,
	LiteModel,
	LiteOperator,
	LiteTensor,
} from "../graph.js";
import { quantizedWeight } from "./scales.js";

/** What a weight is kept as; runtimes compute with floats all the same. */
export type WeightType = "float16" | "int8";

/** Below so many elements int8 saves nothing worth its error (converter/quantization/lite, quantize_weights.cc). */
const SMALLEST = 1024;

/** A weight that was made smaller. */
export interface QuantizedRow {
	readonly name: string;
	readonly type: WeightType;
	readonly before: number;
	readonly after: number;
	/** The largest difference, in parts of the largest number of the weight; 0 for float16. */
	readonly error: number;
}

/** The constants of float32 in a model, by their names. */
export function weightsOf({ graphs }: LiteModel): readonly LiteTensor[] {
	const found = new Map<Constant, LiteTensor>();
	for (const { tensors } of graphs)
		for (const tensor of tensors)
			if (tensor.constant !== undefined && tensor.dtype === "float32")
				found.set(tensor.constant, found.get(tensor.constant) ?? tensor);
	return [...found.values()];
}

/** Whether int8 is worth it for a weight, or float16 is left. */
export function isLarge({ shape }: LiteTensor): boolean {
	return elementCount(shape ?? []) >= SMALLEST;
}

/**
 * A model whose weights are kept as the types that `types` has for their names. Operators that compute with int8 weights
 * are given them; for all others they are made floats again first.
 */
export function quantizeWeights(
	model: LiteModel,
	types: ReadonlyMap<string, WeightType>,
): { readonly model: LiteModel; readonly rows: readonly QuantizedRow[] } {
	const rows = new Map<string, QuantizedRow>();
	const graphs = model.graphs.map((graph) =>
		new WeightPass(graph, types, rows).graph(),
	);
	return { model: { ...model, graphs }, rows: [...rows.values()] };
}

/** Where an operator has weights of which it computes the products with int8, and the axis of its channels. */
const HYBRID: {
	readonly [Op in LiteOp]?: { readonly axis?: number };
} = {
	CONV_2D: { axis: 0 },
	DEPTHWISE_CONV_2D: { axis: 3 },
	// one scale a channel is known to runtimes from 2.17 on
	FULLY_CONNECTED: {},
};

/** One graph on its way. Has a lifetime: one pass. */
class WeightPass {
	readonly #graph: LiteGraph;
	readonly #types: ReadonlyMap<string, WeightType>;
	readonly #rows: Map<string, QuantizedRow>;
	readonly #tensors: LiteTensor[];
	readonly #before: LiteOperator[] = [];
	#operators: LiteOperator[];

	constructor(
		graph: LiteGraph,
		types: ReadonlyMap<string, WeightType>,
		rows: Map<string, QuantizedRow>,
	) {
		this.#graph = graph;
		this.#types = types;
		this.#rows = rows;
		this.#tensors = [...graph.tensors];
		this.#operators = [...graph.operators];
	}

	graph(): LiteGraph {
		const { outputs, tensors } = this.#graph;
		for (const [index, tensor] of tensors.entries()) {
			const type = this.#types.get(tensor.name);
			if (tensor.constant === undefined || tensor.dtype !== "float32") continue;
			if (outputs.includes(index)) continue;
			if (type === "float16") this.#half(index, tensor.constant);
			if (type === "int8" && isLarge(tensor))
				this.#integer(index, tensor.constant);
		}
		return {
			...this.#graph,
			tensors: this.#tensors,
			operators: [...this.#before, ...this.#operators],
		};
	}

	#half(index: number, constant: Constant): void {
		const made: Constant = {
			dtype: "float16",
			shape: constant.shape,
			byteLength: constant.byteLength / 2,
			read: () => {
				const { shape, data } = constant.read();
				const clamped = (data as Float32Array).map((value) =>
					Math.max(-LARGEST_HALF, Math.min(LARGEST_HALF, value)),
				);
				return { dtype: "float16", shape, data: toFloat16(clamped) };
			},
		};
		this.#note(index, "float16", constant, made, 0);
		this.#dequantized(index, {
			...this.#tensors[index],
			dtype: "float16",
			constant: made,
		});
	}

	#integer(index: number, constant: Constant): void {
		const users = this.#operators.filter(({ inputs }) =>
			inputs.includes(index),
		);
		const rows = users.map(({ op, inputs }) =>
			inputs[1] === index && inputs.lastIndexOf(index) === 1
				? HYBRID[op]
				: undefined,
		);
		const [first] = rows;
		const isHybrid =
			first !== undefined &&
			rows.every((row) => row === first) &&
			users.every((user) => !this.#hasGroups(user));
		const {
			quantization,
			constant: made,
			error,
		} = quantizedWeight(constant, isHybrid ? first.axis : undefined);
		this.#note(index, "int8", constant, made, error);
		const tensor: LiteTensor = {
			...this.#tensors[index],
			dtype: "int8",
			constant: made,
			quantization,
		};
		if (isHybrid) this.#tensors[index] = tensor;
		else if (
			users.every(({ op, inputs }) => op === "GATHER" && inputs[0] === index)
		)
			this.#gathered(index, tensor);
		else this.#dequantized(index, tensor);
		this.#operators = this.#operators.map((operator) =>
			isHybrid && operator.inputs[1] === index
				? withAsymmetry(operator)
				: operator,
		);
	}

	/** Rows are picked first, and made floats then. */
	#gathered(index: number, tensor: LiteTensor): void {
		this.#tensors[index] = tensor;
		this.#operators = this.#operators.flatMap((operator) => {
			if (operator.op !== "GATHER" || operator.inputs[0] !== index)
				return [operator];
			const [output] = operator.outputs;
			const { name, shape } = this.#tensors[output];
			const { quantization } = tensor;
			const picked =
				this.#tensors.push({
					name: `${name}/int8`,
					dtype: "int8",
					shape,
					...(quantization === undefined ? {} : { quantization }),
				}) - 1;
			return [
				{ ...operator, outputs: [picked] },
				dequantize(picked, output, operator.node),
			];
		});
	}

	/** The tensor in its place is computed from the constant before all else. */
	#dequantized(index: number, constant: LiteTensor): void {
		const { name, shape } = this.#tensors[index];
		const kept =
			this.#tensors.push({ ...constant, name: `${name}/${constant.dtype}` }) -
			1;
		this.#tensors[index] = { name, dtype: "float32", shape };
		this.#before.push(dequantize(kept, index, name));
	}

	#hasGroups({ op, inputs }: LiteOperator): boolean {
		if (op !== "CONV_2D") return false;
		const [picture, filter] = inputs.map((input) => this.#tensors[input]);
		return picture.shape?.at(-1) !== filter.shape?.at(-1);
	}

	#note(
		index: number,
		type: WeightType,
		before: Constant,
		after: Constant,
		error: number,
	): void {
		const { name } = this.#tensors[index];
		this.#rows.set(name, {
			name,
			type,
			before: before.byteLength,
			after: after.byteLength,
			error,
		});
	}
}

/** The largest number of float16; larger ones would be infinite. */
const LARGEST_HALF = 65504;

function dequantize(from: number, to: number, node: string): LiteOperator {
	return {
		op: "DEQUANTIZE",
		inputs: [from],
		outputs: [to],
		options: { table: "DequantizeOptions", fields: {} },
		node,
	};
}

/** What is multiplied with int8 weights is quantized as it comes, each with its own zero. */
function withAsymmetry(operator: LiteOperator): LiteOperator {
	if (operator.options?.table !== "FullyConnectedOptions") return operator;
	return {
		...operator,
		options: {
			table: "FullyConnectedOptions",
			fields: { ...operator.options.fields, asymmetricQuantizeInputs: true },
		} as LiteOptions,
	};
}
