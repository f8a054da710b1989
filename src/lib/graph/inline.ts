import type { FunctionDef, NodeDef, OpDef_ArgDef } from "../../gen/graph_pb.js";
import { fail, type MlshipError } from "../errors.js";
import { inputNames, type OpDef, opDef, outputCount } from "../ops/opdef.js";
import { shapeFromProto } from "../savedmodel/signature.js";
import type { Constant } from "../tensor/constant.js";
import { dtypeFromNumber } from "../tensor/dtype.js";
import { readAttrs, type Substitution } from "./attr-values.js";
import {
	type Body,
	type CallSite,
	CONTROL_FORMS,
	closeBodies,
	isFunctionRef,
	mapFunctions,
	namesFunction,
} from "./bodies.js";
import { structureDataflow } from "./dataflow.js";
import type { Attrs, FunctionRef, Graph, Node, Port, ValueName } from "./ir.js";
import { Names } from "./names.js";
import { RESOURCE_ROWS } from "./resources.js";
import {
	callScope,
	givenKey,
	type Library,
	neededNodes,
	outputPosition,
	parseReference,
	type Scope,
} from "./scope.js";
import { GraphState, type VariableHandle } from "./state.js";

/** Functions that call each other deeper than this are taken for endless recursion. */
const MAX_CALL_DEPTH = 200;

/** Ops whose attribute `f` names the function that they stand for. */
const CALL_OPS: ReadonlySet<string> = new Set([
	// gathers calls of several requests into one; the answers are the same
	"BatchFunction",
	"PartitionedCall",
	"StatefulPartitionedCall",
]);

/** The nodes of one graph as they are inlined; constants of one variable are made once. */
export interface Sink {
	readonly nodes: Node[];
	readonly constants: Map<Constant, ValueName>;
	readonly state: GraphState;
}

/** Inlines scopes into sinks. Has a lifetime: one Program. */
export class ProgramBuilder {
	readonly functions = new Map<string, Graph>();
	/** Resource handles and references whose variable is known, by the value that holds them. */
	readonly handles = new Map<ValueName, VariableHandle>();
	readonly variables: ReadonlyMap<string, Constant>;
	/** The variables that something sets, by their keys. */
	readonly changing: ReadonlySet<string>;
	/** The variables that were set while inlining. */
	readonly assigned = new Set<string>();
	readonly #library: Library;
	readonly #names = new Names();
	#depth = 0;

	constructor(
		library: Library,
		variables: ReadonlyMap<string, Constant>,
		changing: ReadonlySet<string> = new Set(),
	) {
		this.#library = library;
		this.variables = variables;
		this.changing = changing;
	}

	inlineGraph(
		scope: Scope,
		roots: readonly string[],
		sink: Sink = emptySink(scope.prefix),
	): Sink {
		this.#inline(scope, roots, sink);
		return sink;
	}

	/** The value that a reference means, in a scope whose nodes are inlined. */
	resolve(scope: Scope, text: string): ValueName {
		const reference = parseReference(text);
		const given = scope.given.get(givenKey(reference));
		if (given !== undefined) return given;
		const values = scope.values.get(reference.node);
		if (values === undefined)
			throw fail(
				"CORRUPT",
				`cannot order the graph: node "${scope.prefix}${reference.node}" depends on itself`,
				{ at: { node: reference.node } },
			);
		const index = outputPosition(scope, this.#library, reference);
		const value = values[index];
		if (value === undefined)
			throw fail(
				"CORRUPT",
				`cannot find tensor "${text}": node "${reference.node}" has ${values.length} outputs`,
				{ at: { node: reference.node } },
			);
		return value;
	}

	/** Adds a node to a sink under a free name and returns its outputs. */
	add(
		sink: Sink,
		name: string,
		op: string,
		inputs: readonly ValueName[],
		attrs: Attrs,
		outputs: number,
	): readonly ValueName[] {
		const unique = this.#names.take(name);
		const node: Node = {
			name: unique,
			op,
			inputs,
			outputs: Array.from({ length: outputs }, (_, i) => `${unique}:${i}`),
			attrs,
		};
		sink.nodes.push(node);
		return node.outputs;
	}

	/** The value of a variable or other constant, made once a sink. */
	constant(sink: Sink, name: string, value: Constant): ValueName {
		const made = sink.constants.get(value);
		if (made !== undefined) return made;
		const [output] = this.add(
			sink,
			name,
			"Const",
			[],
			{ value, dtype: value.dtype },
			1,
		);
		sink.constants.set(value, output);
		return output;
	}

	/** The value that a variable has at this point of a graph. */
	read(sink: Sink, handle: VariableHandle, name: string): ValueName {
		if (this.changing.has(handle.key)) return sink.state.read(handle);
		if (handle.initial === undefined) throw notRestored(handle, name);
		return this.constant(sink, name, handle.initial);
	}

	/** Sets a variable from this point of a graph on. */
	write(sink: Sink, handle: VariableHandle, value: ValueName): void {
		this.assigned.add(handle.key);
		sink.state.write(handle, value);
	}

	/** What a value is where a reference to a variable of TensorFlow 1 stands for the variable's value. */
	dereference(sink: Sink, value: ValueName): ValueName {
		const handle = this.handles.get(value);
		return handle?.isReference ? this.read(sink, handle, value) : value;
	}

	#inline(scope: Scope, roots: readonly string[], sink: Sink): void {
		structureDataflow(scope, roots, this.#library);
		for (const node of neededNodes(scope, roots, this.#library))
			scope.values.set(node.name, this.#inlineNode(scope, node, sink));
	}

	#inlineNode(scope: Scope, node: NodeDef, sink: Sink): readonly ValueName[] {
		const inputs = node.input
			.filter((input) => !input.startsWith("^"))
			.map((input) => this.resolve(scope, input));
		const definition = opDef(node.op);
		const attrs = readAttrs(node, definition, scope.substitution);
		const called = this.#calledFunction(node, attrs);
		const name = scope.prefix + node.name;
		if (definition !== undefined)
			checkInputs(definition, attrs, name, inputs.length);
		const values = () => inputs.map((input) => this.dereference(sink, input));
		if (called !== undefined)
			return this.#call(called, name, values(), attrs, sink);
		const bound = RESOURCE_ROWS[node.op]?.({
			builder: this,
			sink,
			name,
			node,
			inputs,
			attrs,
			isMainGraph: scope.prefix === "",
		});
		if (bound !== undefined) return bound;
		const count =
			definition === undefined
				? guessedOutputs(attrs)
				: outputCount(definition, attrs);
		if (!Object.values(attrs).some(namesFunction))
			return this.add(sink, name, node.op, values(), attrs, count);
		const passed = this.#passed(inputs, attrs, sink);
		return this.#control({ name, node, inputs: passed, attrs, count }, sink);
	}

	/** What bodies are given: references of TensorFlow 1 are read, but where a body sets the variable. */
	#passed(
		inputs: readonly ValueName[],
		attrs: Attrs,
		sink: Sink,
	): readonly ValueName[] {
		const [called] = Object.values(attrs).filter(isFunctionRef);
		const args =
			called === undefined
				? []
				: (this.#function(called.function).signature?.inputArg ?? []);
		const offset = inputs.length - args.length;
		return inputs.map((input, i) =>
			args[i - offset]?.isRef ? input : this.dereference(sink, input),
		);
	}

	/** The function that a node stands for: by its attribute `f` (PartitionedCall and its like), or by its op's name. */
	#calledFunction(node: NodeDef, attrs: Attrs): FunctionDef | undefined {
		const direct = this.#library.functions.get(node.op);
		if (direct !== undefined) return direct;
		const reference = attrs.f;
		if (!CALL_OPS.has(node.op) || !isFunctionRef(reference)) return undefined;
		return this.#function(reference.function);
	}

	#call(
		definition: FunctionDef,
		name: string,
		inputs: readonly ValueName[],
		attrs: Substitution,
		sink: Sink,
	): readonly ValueName[] {
		this.#descend(definition, name);
		const scope = callScope(definition, `${name}/`, inputs, attrs);
		const returned = returnReferences(definition);
		this.#inline(
			scope,
			[
				...returned,
				...Object.values(definition.controlRet).map((node) => `^${node}`),
			],
			sink,
		);
		this.#depth--;
		return returned.map((reference) => this.resolve(scope, reference));
	}

	#descend(definition: FunctionDef, name: string): void {
		if (this.#depth >= MAX_CALL_DEPTH)
			throw fail(
				"UNSUPPORTED",
				`cannot inline "${definition.signature?.name}": functions call each other more than ${MAX_CALL_DEPTH} deep`,
				{ at: { node: name } },
			);
		this.#depth++;
	}

	/**
	 * A node that names functions: they become bodies of this call site, where variables can be bound. Handles of variables are
	 * not passed on; the values of variables that change are.
	 */
	#control(site: CallSite, sink: Sink): readonly ValueName[] {
		const { name, node, inputs, attrs, count } = site;
		const form = CONTROL_FORMS[node.op];
		const bodies = new Map<string, Body>();
		const build = (key: string, { function: called }: FunctionRef) => {
			const body = this.#body(`${name}/${key}`, called, inputs);
			bodies.set(`${name}/${key}`, body);
			return { function: `${name}/${key}` };
		};
		const built = mapFunctions(attrs, build);
		const closed = closeBodies(site, form, built, bodies, this.handles);
		for (const [key, body] of closed.bodies) this.functions.set(key, body);
		const outputs = this.add(
			sink,
			name,
			node.op,
			[
				...closed.inputs,
				...closed.passed.map((handle) => this.read(sink, handle, name)),
			],
			closed.attrs,
			count - closed.forwarded.size + closed.returned.length,
		);
		const own = outputs.slice(0, outputs.length - closed.returned.length);
		for (const [i, handle] of closed.returned.entries())
			this.write(sink, handle, outputs[own.length + i]);
		let next = 0;
		return Array.from(
			{ length: count },
			(_, i) => closed.forwarded.get(i) ?? own[next++],
		);
	}

	#body(name: string, called: string, inputs: readonly ValueName[]): Body {
		const definition = this.#function(called);
		this.#descend(definition, name);
		const args = definition.signature?.inputArg ?? [];
		const ports = args.map(
			(arg): Port => ({
				name: arg.name,
				value: `${name}/${arg.name}:0`,
				...argType(definition, arg),
			}),
		);
		// If and Case pass their inputs behind the predicate, While passes all: counted from the end they are the same
		const offset = inputs.length - ports.length;
		for (const [i, port] of ports.entries()) {
			const handle = this.handles.get(inputs[offset + i]);
			if (handle !== undefined) this.handles.set(port.value, handle);
		}
		const scope = callScope(
			definition,
			`${name}/`,
			ports.map(({ value }) => value),
			{},
		);
		const returned = returnReferences(definition);
		const sink = this.inlineGraph(scope, [
			...returned,
			...Object.values(definition.controlRet).map((node) => `^${node}`),
		]);
		const outputs = (definition.signature?.outputArg ?? []).map(
			(arg, i): Port => ({
				name: arg.name,
				value: this.dereference(sink, this.resolve(scope, returned[i])),
				...argType(definition, arg),
			}),
		);
		this.#depth--;
		return { inputs: ports, outputs, nodes: sink.nodes, state: sink.state };
	}

	#function(name: string): FunctionDef {
		const definition = this.#library.functions.get(name);
		if (definition === undefined)
			throw fail(
				"CORRUPT",
				`cannot find function "${name}": the graph's library has ${this.#library.functions.size} others`,
			);
		return definition;
	}
}

export function emptySink(prefix: string): Sink {
	return { nodes: [], constants: new Map(), state: new GraphState(prefix) };
}

/** TensorFlow's loader refuses it too (node_def_util.cc, ValidateNodeDef); rules and kernels may then rely on it. */
function checkInputs(
	definition: OpDef,
	attrs: Attrs,
	name: string,
	count: number,
): void {
	const wanted = inputNames(definition, attrs).length;
	if (count !== wanted)
		throw fail(
			"CORRUPT",
			`cannot use node "${name}": it has ${count} inputs, ${definition.name} takes ${wanted}`,
			{ at: { node: name, op: definition.name } },
		);
}

/** What a function returns, in the order of its output arguments. */
function returnReferences(definition: FunctionDef): string[] {
	return (definition.signature?.outputArg ?? []).map(({ name }) => {
		const reference = definition.ret[name];
		if (reference === undefined)
			throw fail(
				"CORRUPT",
				`cannot read function "${definition.signature?.name}": it does not say what output "${name}" returns`,
			);
		return reference;
	});
}

/** The element type of an argument, and its shape if the exporter noted one (`_output_shapes`, `_user_specified_name` beside it). */
function argType(
	definition: FunctionDef,
	arg: OpDef_ArgDef,
): Pick<Port, "dtype" | "shape"> {
	const index = definition.signature?.inputArg.indexOf(arg) ?? -1;
	const noted =
		index < 0
			? undefined
			: definition.argAttr[index]?.attr._output_shapes?.value;
	const shape =
		noted?.case === "list" ? shapeFromProto(noted.value.shape[0]) : undefined;
	return { dtype: dtypeFromNumber(arg.type), shape };
}

function notRestored({ key }: VariableHandle, name: string): MlshipError {
	return fail(
		"CORRUPT",
		`cannot bind variable "${key}": the checkpoint has no value for it`,
		{
			hint: "export the model again with all its variables tracked",
			at: { node: name },
		},
	);
}

/** How many outputs an op has that TensorFlow's registry does not know (a custom op): what its attributes suggest. */
function guessedOutputs(attrs: Attrs): number {
	const types = attrs.Tout ?? attrs.out_types ?? attrs.output_types;
	return Array.isArray(types) ? types.length : 1;
}
