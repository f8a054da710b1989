import { constantAttr } from "../graph/attrs.js";
import { TypeMap } from "../graph/infer.js";
import {
	type Graph,
	NO_INITIALIZER,
	type Node,
	type Program,
	type ValueName,
} from "../graph/ir.js";
import { hostRow } from "../host/index.js";
import type { HostRun } from "../host/kernel.js";
import { handleRows } from "../host/table/handles.js";
import { Table } from "../host/table/table.js";
import { type HostValue, isOpaque, tensorOf } from "../host/value.js";
import { heldConstant } from "../tensor/constant.js";
import { numberTensor } from "../tensor/numbers.js";
import { rewrite } from "./pass.js";

/**
 * A program whose tables are filled when it is loaded, and only read: they are filled now, and what looks something up has
 * their keys and values with it (`_Lookup`), for targets without tables. A program where that is not so stays as it is.
 */
export function withoutTables(program: Program): Program {
	const { initializer, sharesResources } = program;
	// what some signature changes is no constant
	if (initializer.nodes.length === 0 || sharesResources) return program;
	const resources = new Map<string, object>();
	if (!isRun(initializer, resources)) return program;
	const handles = new Map<ValueName, Table>();
	const replaced = <G extends Graph>(graph: G): G =>
		lookedUp(graph, resources, handles);
	const made: Program = {
		...replaced(program),
		initializer: NO_INITIALIZER,
		functions: new Map(
			[...program.functions].map(([name, body]) => [name, replaced(body)]),
		),
	};
	const isLeft = [made, ...made.functions.values()].some(({ nodes }) =>
		nodes.some(({ inputs }) => inputs.some((input) => handles.has(input))),
	);
	return isLeft ? program : made;
}

/** Runs a graph on the host; `false` where that cannot do it at once. */
function isRun(graph: Graph, resources: Map<string, object>): boolean {
	const types = new TypeMap(graph);
	const values = new Map<ValueName, HostValue>();
	for (const node of graph.nodes) {
		types.add(node);
		const inputs = node.inputs.map((input) => values.get(input) as HostValue);
		const results = resultsOf(node, inputs, types, resources);
		if (results === undefined) return false;
		for (const [i, output] of node.outputs.entries())
			values.set(output, results[i]);
	}
	return true;
}

function resultsOf(
	node: Node,
	inputs: readonly HostValue[],
	types: TypeMap,
	resources: Map<string, object>,
): readonly HostValue[] | undefined {
	if (node.op === "Const") return [constantAttr(node, "value").read()];
	const dtypes = [...node.inputs, ...node.outputs].map(
		(value) => types.typeOf(value).dtype,
	);
	const row = hostRow(node, dtypes);
	if (row === undefined) return undefined;
	if (typeof row === "function") return row(node, inputs.map(tensorOf));
	const results = row.step(node, inputs, runWith(resources));
	return results instanceof Promise ? undefined : results;
}

/** What tables need of a run; no body is called where they are filled. */
function runWith(resources: Map<string, object>): HostRun {
	return {
		call: () => Promise.resolve([]),
		resource: <T extends object>(key: string, make: () => T): T => {
			const known = resources.get(key) as T | undefined;
			const found = known ?? make();
			resources.set(key, found);
			return found;
		},
	};
}

/** A graph without the handles of tables, which `handles` gets, and without what reads them. */
function lookedUp<G extends Graph>(
	graph: G,
	resources: Map<string, object>,
	handles: Map<ValueName, Table>,
): G {
	const types = new TypeMap(graph);
	return rewrite(graph, (node) => {
		types.add(node);
		if (node.op in handleRows) {
			const table = tableOf(node, types, resources);
			if (table === undefined) return undefined;
			handles.set(node.outputs[0], table);
			return { nodes: [] };
		}
		const table = handles.get(node.inputs[0]);
		const read = READS[node.op];
		if (table === undefined || read === undefined) return undefined;
		return { nodes: [read(node, table)] };
	});
}

/** The table that a handle is of, where its keys and values are scalars. */
function tableOf(
	node: Node,
	types: TypeMap,
	resources: Map<string, object>,
): Table | undefined {
	const inputs = node.inputs.flatMap((input) => types.constant(input) ?? []);
	if (inputs.length < node.inputs.length) return undefined;
	const [handle] = resultsOf(node, inputs, types, resources) ?? [];
	const table = handle && isOpaque(handle) ? handle.items[0] : undefined;
	if (!(table instanceof Table)) return undefined;
	const { keyShape, valueShape } = table.type;
	return keyShape.length + valueShape.length === 0 ? table : undefined;
}

const find = (node: Node, table: Table): Node => {
	const [keys, values] = table.export().map(heldConstant);
	const { inputs, outputs, name } = node;
	return {
		name,
		op: "_Lookup",
		inputs: inputs.slice(1),
		outputs,
		attrs: { ...node.attrs, keys, values },
	};
};

const size = ({ name, outputs }: Node, table: Table): Node => {
	const value = heldConstant(numberTensor("int64", table.size));
	const attrs = { value, dtype: "int64" };
	return { name, op: "Const", inputs: [], outputs, attrs };
};

/** What only reads a table. */
const READS: Readonly<
	Record<string, ((node: Node, table: Table) => Node) | undefined>
> = {
	LookupTableFind: find,
	LookupTableFindV2: find,
	LookupTableSize: size,
	LookupTableSizeV2: size,
};
