import type { NodeDef } from "../../../gen/graph_pb.js";
import type { TensorShapeProto } from "../../../gen/tensor_pb.js";
import { fail, type MlshipError } from "../../errors.js";
import { opDef, outputTypes } from "../../ops/opdef.js";
import { nodeAttr } from "../../savedmodel/node-attr.js";
import { DTYPES } from "../../tensor/dtype.js";
import { readAttrs } from "../attr-values.js";
import { dependenciesFirst } from "../order.js";
import {
	givenKey,
	type Library,
	neededNodes,
	outputPosition,
	parseReference,
	type Scope,
} from "../scope.js";

export const ENTERS = new Set(["Enter", "RefEnter"]);
export const EXITS = new Set(["Exit", "RefExit"]);
export const SWITCHES = new Set(["Switch", "RefSwitch"]);
export const MERGES = new Set(["Merge", "RefMerge"]);
export const NEXT_ITERATIONS = new Set(["NextIteration", "RefNextIteration"]);

/** One input of a node. */
export interface Edge {
	readonly control: boolean;
	readonly text: string;
	/** Where it comes from; undefined for what is given to the scope from outside. */
	readonly source: NodeDef | undefined;
	/** The flat output of the source. */
	readonly index: number;
	/** The same for all spellings of one tensor. */
	readonly key: string;
}

export interface EdgeType {
	/** A number of `DataType`. */
	readonly type: number;
	readonly shape?: TensorShapeProto;
	/** Whether it is a variable of TensorFlow 1 itself, and not its value. */
	readonly isRef?: boolean;
}

/** A scope as edges between its nodes. Has a lifetime: the structuring of one scope. */
export class Dataflow {
	readonly scope: Scope;
	readonly library: Library;
	readonly #edges = new Map<NodeDef, readonly Edge[]>();

	constructor(scope: Scope, library: Library) {
		this.scope = scope;
		this.library = library;
	}

	has(ops: ReadonlySet<string>): boolean {
		for (const { op } of this.scope.nodes.values())
			if (ops.has(op)) return true;
		return false;
	}

	edges(node: NodeDef): readonly Edge[] {
		const known = this.#edges.get(node);
		if (known !== undefined) return known;
		const edges = node.input.map((text) => this.edge(text));
		this.#edges.set(node, edges);
		return edges;
	}

	/** The inputs that are tensors, in order. */
	data(node: NodeDef): readonly Edge[] {
		return this.edges(node).filter(({ control }) => !control);
	}

	/** What decides where a Switch sends its value, by whatever names it goes. */
	predicate(node: NodeDef): Edge {
		let edge = this.data(node)[1];
		while (edge.source?.op === "Identity") [edge] = this.data(edge.source);
		return edge;
	}

	edge(text: string): Edge {
		const reference = parseReference(text);
		const { control, node } = reference;
		if (!control && this.scope.given.has(givenKey(reference)))
			return { control, text, source: undefined, index: 0, key: text };
		const source = this.scope.nodes.get(node);
		const index =
			source === undefined || control
				? 0
				: outputPosition(this.scope, this.library, reference);
		return { control, text, source, index, key: `${node}:${index}` };
	}

	/** All that `roots` depend on, in any way, dependencies first. */
	ancestors(roots: readonly string[]): NodeDef[] {
		return dependenciesFirst(
			roots.flatMap((root) => this.edge(root).source ?? []),
			(node) => this.edges(node).flatMap(({ source }) => source ?? []),
		);
	}

	/** What of that makes values that `roots` need, or has an effect. */
	needed(roots: readonly string[]): NodeDef[] {
		return neededNodes(this.scope, roots, this.library);
	}

	/** Adds nodes, instead of those of the same name. */
	replace(nodes: readonly NodeDef[]): void {
		for (const node of nodes) this.scope.nodes.set(node.name, node);
		this.#edges.clear();
	}

	/** A name that no node of the scope has. */
	freeName(wanted: string): string {
		let name = wanted;
		for (let i = 1; this.scope.nodes.has(name); i++) name = `${wanted}_${i}`;
		return name;
	}

	/** Type and shape of a tensor; the shape only where the exporter noted it. */
	typeOf({ source, index, text }: Edge): EdgeType {
		if (source === undefined) return this.#typeOfGiven(text);
		return this.#outputType(source, index);
	}

	/** An argument of the function that the scope is of, or a tensor that is fed. */
	#typeOfGiven(text: string): EdgeType {
		const args = this.scope.definition?.signature?.inputArg ?? [];
		const argument = args.find(({ name }) => name === text);
		if (argument !== undefined)
			return { type: argument.type, isRef: argument.isRef };
		const { node, index } = parseReference(text);
		const source = this.scope.nodes.get(node);
		return source === undefined ? { type: 0 } : this.#outputType(source, index);
	}

	#outputType(source: NodeDef, index: number): EdgeType {
		const shape = notedShape(source, index);
		const called = this.library.functions.get(source.op)?.signature;
		if (called !== undefined)
			return { type: called.outputArg[index]?.type ?? 0, ...shape };
		const definition = opDef(source.op);
		if (definition === undefined)
			throw this.refusal(source, "TensorFlow does not know the operation");
		const attrs = readAttrs(source, definition, this.scope.substitution);
		const dtype = outputTypes(definition, attrs)[index];
		const isRef = definition.outputs[index]?.ref ?? false;
		return { type: DTYPES[dtype].tf, isRef, ...shape };
	}

	refusal(node: NodeDef, why: string): MlshipError {
		return fail(
			"UNSUPPORTED",
			`cannot make an If or While of node "${this.scope.prefix}${node.name}" (${node.op}): ${why}`,
			{ at: { node: this.scope.prefix + node.name, op: node.op } },
		);
	}
}

function notedShape(node: NodeDef, index: number): Pick<EdgeType, "shape"> {
	const noted = nodeAttr(node, "_output_shapes");
	const shape = noted?.case === "list" ? noted.value.shape[index] : undefined;
	return shape === undefined ? {} : { shape };
}
