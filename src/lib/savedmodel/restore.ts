import type { FunctionDef, GraphDef, NodeDef } from "../../gen/graph_pb.js";
import { fail } from "../errors.js";
import { tensorFromProto } from "../tensor/proto.js";
import { nodeAttr } from "./node-attr.js";
import type { Region } from "./region.js";
import { parseSliceSpec } from "./slices.js";

/** What a graph's restore operation assigns: to the variable of a resource, a tensor of the checkpoint or a part of it. */
export interface Restored {
	/** See `resourceOf`. */
	readonly resource: string;
	readonly key: string;
	/** Undefined for the whole tensor. */
	readonly region: Region | undefined;
}

/** A table that a graph's restore operation fills: the checkpoint's tensors of its keys and of its values. */
export interface RestoredTable {
	/** See `resourceOf`. */
	readonly resource: string;
	readonly keys: string;
	readonly values: string;
}

/**
 * Follows the restore operation from the assignments back to names of tensors and handles of variables: TensorFlow 2's
 * traced function and TensorFlow 1's `save/restore_all` alike, through Identity and calls of functions.
 * Names of variables play no part, as they are not unique. Fails with CORRUPT where functions never end.
 */
export function traceRestore(graph: GraphDef, restoreOp: string): Restored[] {
	return trace(graph, restoreOp).restored;
}

/** The same for what it puts into tables. */
export function traceTables(
	graph: GraphDef,
	restoreOp: string,
): RestoredTable[] {
	return trace(graph, restoreOp).tables;
}

function trace(graph: GraphDef, restoreOp: string): RestoreTracer {
	const tracer = new RestoreTracer(graph);
	tracer.visit(reachable(tracer.main.nodes, restoreOp), tracer.main);
	return tracer;
}

/**
 * The identity of the variable that a handle stands for: nodes with equal shared names share it, a node without one, or
 * with the name of anonymous resources, has its own (core/framework/resource_handle.h).
 */
export function resourceOf(node: NodeDef): string {
	const attr = nodeAttr(node, "shared_name");
	const shared = attr?.case === "s" ? utf8(attr.value) : "";
	return shared === "" || shared === ANONYMOUS ? node.name : shared;
}

/** By Buffer, which does it many times faster than TextDecoder does with short strings. */
function utf8({ buffer, byteOffset, length }: Uint8Array): string {
	return Buffer.from(buffer, byteOffset, length).toString("utf8");
}

const ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";

/** Operations that create a variable's handle or, in TensorFlow 1, a reference to it. */
export const VARIABLE_OPS: ReadonlySet<string> = new Set([
	"VarHandleOp",
	"VariableV2",
	"Variable",
]);

/** Operations that make the handle of a table; those without V2 are TensorFlow 1's. */
export const TABLE_OPS: ReadonlySet<string> = new Set(
	[
		"HashTable",
		"MutableHashTable",
		"MutableHashTableOfTensors",
		"MutableDenseHashTable",
	].flatMap((op) => [op, `${op}V2`, `Anonymous${op}`]),
);

const IMPORT_OPS = new Set(["LookupTableImportV2", "LookupTableImport"]);
const ASSIGN_OPS = new Set(["AssignVariableOp", "Assign"]);
const CALL_OPS = new Set(["StatefulPartitionedCall", "PartitionedCall"]);
const PASSING_OPS = new Set(["Identity"]);

/** Where a value comes from, as far as it matters here. */
type Origin =
	| { readonly kind: "variable"; readonly resource: string }
	| { readonly kind: "table"; readonly resource: string }
	| { readonly kind: "restored"; readonly key: string; readonly spec: string }
	| { readonly kind: "strings"; readonly values: readonly string[] }
	| undefined;

/** The main graph, or one call of a function. */
interface Frame {
	readonly nodes: ReadonlyMap<string, NodeDef>;
	/** The function's arguments, by name. */
	readonly args: ReadonlyMap<string, () => Origin>;
	readonly depth: number;
}

/** Real restore functions call others two or three deep, and have a few nodes a variable. */
const MAX_DEPTH = 50;
const MAX_NESTING = 1_000;
const MAX_VISITS = 1_000_000;

class RestoreTracer {
	readonly restored: Restored[] = [];
	readonly tables: RestoredTable[] = [];
	readonly main: Frame;
	private readonly functions: ReadonlyMap<string, FunctionDef>;
	private readonly bodies = new Map<FunctionDef, Frame["nodes"]>();
	private readonly constants = new Map<NodeDef, Origin>();
	private visits = 0;
	private nesting = 0;

	constructor(graph: GraphDef) {
		this.main = { nodes: byName(graph.node), args: new Map(), depth: 0 };
		this.functions = new Map(
			graph.library?.function.map((f) => [f.signature?.name ?? "", f]),
		);
	}

	/** Notes every assignment among the nodes, and inside the functions that they call. */
	visit(nodes: Iterable<NodeDef>, frame: Frame): void {
		for (const node of nodes) {
			this.count();
			if (ASSIGN_OPS.has(node.op)) this.noteAssignment(node, frame);
			if (IMPORT_OPS.has(node.op)) this.noteImport(node, frame);
			const called = this.functions.get(calledFunction(node));
			if (called !== undefined)
				this.visit(called.nodeDef, this.call(called, node, frame));
		}
	}

	private noteAssignment({ input }: NodeDef, frame: Frame): void {
		const variable = this.origin(input[0], frame);
		const value = this.origin(input[1], frame);
		if (variable?.kind === "variable" && value?.kind === "restored")
			this.restored.push({
				resource: variable.resource,
				key: value.key,
				region: parseSliceSpec(value.spec),
			});
	}

	private noteImport({ input }: NodeDef, frame: Frame): void {
		const [table, keys, values] = input.map((name) => this.origin(name, frame));
		if (
			table?.kind === "table" &&
			keys?.kind === "restored" &&
			values?.kind === "restored"
		)
			this.tables.push({
				resource: table.resource,
				keys: keys.key,
				values: values.key,
			});
	}

	private origin(input: string | undefined, frame: Frame): Origin {
		if (input === undefined) return undefined;
		this.count();
		if (++this.nesting > MAX_NESTING)
			throw endless(`${MAX_NESTING} nodes deep`);
		const [name, ...output] = input.split(":");
		const argument = frame.args.get(name);
		const node = frame.nodes.get(name);
		const origin =
			argument !== undefined
				? argument()
				: node && this.originOf(node, output, frame);
		this.nesting--;
		return origin;
	}

	private originOf(
		node: NodeDef,
		output: readonly string[],
		frame: Frame,
	): Origin {
		if (VARIABLE_OPS.has(node.op))
			return { kind: "variable", resource: resourceOf(node) };
		if (TABLE_OPS.has(node.op))
			return { kind: "table", resource: resourceOf(node) };
		if (PASSING_OPS.has(node.op)) return this.origin(node.input[0], frame);
		if (node.op === "Const") return this.constantStrings(node);
		if (RESTORE_OPS.has(node.op))
			return this.restoredBy(node, Number(output.at(-1) ?? 0), frame);
		const called = this.functions.get(calledFunction(node));
		return called && this.returned(called, node, output, frame);
	}

	/** Kept, as each output of a RestoreV2 asks for the same list of names. */
	private constantStrings(node: NodeDef): Origin {
		const known = this.constants.get(node);
		if (known !== undefined) return known;
		const origin = stringsOf(node);
		this.constants.set(node, origin);
		return origin;
	}

	/** RestoreV2(prefix, tensor_names, shape_and_slices); TensorFlow 1's Restore and RestoreSlice take one name each. */
	private restoredBy({ input }: NodeDef, index: number, frame: Frame): Origin {
		const names = this.origin(input[1], frame);
		const specs = this.origin(input[2], frame);
		const key = names?.kind === "strings" ? names.values[index] : undefined;
		const spec = specs?.kind === "strings" ? specs.values[index] : undefined;
		return key === undefined
			? undefined
			: { kind: "restored", key, spec: spec ?? "" };
	}

	/** What a call returns: `node:1` in the main graph, `node:output:1` or `node:NAME:0` in a function. */
	private returned(
		called: FunctionDef,
		node: NodeDef,
		output: readonly string[],
		frame: Frame,
	): Origin {
		const results = called.signature?.outputArg.map(({ name }) => name) ?? [];
		const named = output.length === 2 && !CALL_OPS.has(node.op);
		const result = named ? output[0] : results[Number(output.at(-1) ?? 0)];
		return this.origin(called.ret[result], this.call(called, node, frame));
	}

	private call(called: FunctionDef, node: NodeDef, caller: Frame): Frame {
		const depth = caller.depth + 1;
		if (depth > MAX_DEPTH) throw endless(`${MAX_DEPTH} calls deep`);
		const args = called.signature?.inputArg ?? [];
		return {
			nodes: this.body(called),
			args: new Map(
				args.map(({ name }, i) => [
					name,
					() => this.origin(node.input[i], caller),
				]),
			),
			depth,
		};
	}

	private body(called: FunctionDef): Frame["nodes"] {
		const known = this.bodies.get(called) ?? byName(called.nodeDef);
		this.bodies.set(called, known);
		return known;
	}

	private count(): void {
		this.visits++;
		if (this.visits > MAX_VISITS) throw endless(`${MAX_VISITS} nodes long`);
	}
}

const RESTORE_OPS = new Set(["RestoreV2", "Restore", "RestoreSlice"]);

/** The function that a node calls by attribute, as `PartitionedCall` does, or by its operation's name; else that name. */
export function calledFunction(node: NodeDef): string {
	if (!CALL_OPS.has(node.op)) return node.op;
	const called = nodeAttr(node, "f");
	return called?.case === "func" ? called.value.name : node.op;
}

function stringsOf(node: NodeDef): Origin {
	const value = nodeAttr(node, "value");
	if (value?.case !== "tensor" || value.value.stringVal.length === 0)
		return undefined;
	const { dtype, data } = tensorFromProto(value.value);
	if (dtype !== "string") return undefined;
	return {
		kind: "strings",
		values: Array.from(data as Uint8Array[], utf8),
	};
}

/** Nodes that run when `name` does: its inputs and control inputs, and theirs. */
function reachable(nodes: Frame["nodes"], name: string): NodeDef[] {
	const found = new Set<NodeDef>();
	const waiting = [name];
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const node = nodes.get(nodeName(next));
		if (node === undefined || found.has(node)) continue;
		found.add(node);
		for (const input of node.input) waiting.push(input);
	}
	return [...found];
}

/** Of an input: `node`, `node:1` or `^node`, in a function also `node:output:1`. */
export function nodeName(input: string): string {
	const start = input.startsWith("^") ? 1 : 0;
	const colon = input.indexOf(":");
	return input.slice(start, colon < 0 ? undefined : colon);
}

export function byName(
	nodes: readonly NodeDef[],
): ReadonlyMap<string, NodeDef> {
	const named = new Map<string, NodeDef>();
	for (const node of nodes) named.set(node.name, node);
	return named;
}

function endless(how: string) {
	return fail(
		"CORRUPT",
		`cannot follow the restore function: it is more than ${how}`,
	);
}
