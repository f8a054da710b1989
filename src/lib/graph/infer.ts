import { fail, MlshipError } from "../errors.js";
import type { InferContext, ValueType } from "../ops/define.js";
import { OPS } from "../ops/index.js";
import { opDef, outputTypes } from "../ops/opdef.js";
import type { Constant } from "../tensor/constant.js";
import { DTYPES } from "../tensor/dtype.js";
import { elementCount, type Tensor } from "../tensor/tensor.js";
import { constantAttr } from "./attrs.js";
import type { Graph, Node, Program, ValueName } from "./ir.js";

/** What is known of every value of a graph before it runs. */
export interface GraphTypes {
	typeOf(value: ValueName): ValueType;
	/** The tensor of a value that is a constant; read anew at each call unless it is small. */
	constant(value: ValueName): Tensor | undefined;
	/** As `constant`, unread. */
	constantOf(value: ValueName): Constant | undefined;
}

/** Integer tensors of up to so many elements are followed one by one: no shape has more. */
const MAX_ELEMENTS = 256;

/** Infers all nodes in order. Fails with INVALID, naming the node, where shapes contradict each other. */
export function inferTypes(graph: Graph): GraphTypes {
	const types = new TypeMap(graph);
	for (const node of graph.nodes) types.add(node);
	return types;
}

/** The types of a program's values and of those in its bodies, whose names are unique among all of them. */
export function inferProgramTypes(
	program: Pick<Program, keyof Graph | "functions">,
): GraphTypes {
	const main = inferTypes(program);
	const owners = new Map<ValueName, GraphTypes>();
	for (const body of program.functions.values()) {
		const types = inferTypes(body);
		for (const { value } of body.inputs) owners.set(value, types);
		for (const { outputs } of body.nodes)
			for (const output of outputs) owners.set(output, types);
	}
	if (owners.size === 0) return main;
	const owner = (value: ValueName) => owners.get(value) ?? main;
	return {
		typeOf: (value) => owner(value).typeOf(value),
		constant: (value) => owner(value).constant(value),
		constantOf: (value) => owner(value).constantOf(value),
	};
}

/** Types of a graph while it grows: a pass adds each node that it keeps or makes. Has a lifetime: one walk. */
export class TypeMap implements GraphTypes {
	readonly #types = new Map<ValueName, ValueType>();
	readonly #constants = new Map<ValueName, Constant>();

	constructor({ inputs }: Pick<Graph, "inputs">) {
		for (const { value, dtype, shape } of inputs)
			this.#types.set(value, { dtype, shape });
	}

	typeOf(value: ValueName): ValueType {
		// of what a graph does not make itself nothing is known
		return this.#types.get(value) ?? UNKNOWN;
	}

	constant(value: ValueName): Tensor | undefined {
		return this.#constants.get(value)?.read();
	}

	constantOf(value: ValueName): Constant | undefined {
		return this.#constants.get(value);
	}

	add(node: Node): readonly ValueType[] {
		const types =
			node.op === "Const" ? [this.#addConstant(node)] : this.#infer(node);
		for (const [i, output] of node.outputs.entries())
			this.#types.set(output, types[i] ?? UNKNOWN);
		return types;
	}

	/** What somebody knows of a value beyond what its operation says. */
	assume(value: ValueName, type: ValueType): void {
		this.#types.set(value, type);
	}

	#addConstant(node: Node): ValueType {
		const constant = constantAttr(node, "value");
		this.#constants.set(node.outputs[0], constant);
		return constantType(constant);
	}

	#infer(node: Node): readonly ValueType[] {
		const entry = OPS[node.op];
		if (entry?.kind !== "primitive") return declaredTypes(node);
		const context: InferContext = {
			node,
			inputs: node.inputs.map((input) => this.typeOf(input)),
			constant: (index) => this.constant(node.inputs[index]),
		};
		try {
			return entry.infer(context);
		} catch (error) {
			if (!(error instanceof MlshipError) || error.at !== undefined)
				throw error;
			throw fail(
				error.code,
				`${error.message} (node "${node.name}", ${node.op})`,
				{ cause: error, at: { node: node.name, op: node.op } },
			);
		}
	}
}

const UNKNOWN: ValueType = { dtype: "float32", shape: undefined };

/** An op that we have no rule for: the element types that its definition says, no shapes. */
function declaredTypes(node: Node): readonly ValueType[] {
	const definition = opDef(node.op);
	if (definition === undefined) return node.outputs.map(() => UNKNOWN);
	return outputTypes(definition, node.attrs).map((dtype) => ({
		dtype,
		shape: undefined,
	}));
}

function constantType(constant: Constant): ValueType {
	const { dtype, shape } = constant;
	const { kind } = DTYPES[dtype];
	if (
		(kind !== "int" && kind !== "bigint") ||
		elementCount(shape) > MAX_ELEMENTS
	)
		return { dtype, shape };
	return {
		dtype,
		shape,
		elements: Array.from(
			constant.read().data as ArrayLike<number | bigint>,
			Number,
		),
	};
}
