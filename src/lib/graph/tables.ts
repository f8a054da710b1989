import { TABLE_OPS } from "../savedmodel/restore.js";
import type { Graph, Node, ValueName } from "./ir.js";

/** The tables that graphs use, each once. */
export function usedTables(graphs: readonly Graph[]): ReadonlySet<string> {
	return new Set(graphs.flatMap(({ nodes }) => nodes.flatMap(tableOf)));
}

/** Those that they change; of a change inside a body, where a handle is an argument, any may be meant. */
export function changedTables(graphs: readonly Graph[]): readonly string[] {
	const tables = new Map<ValueName, string>();
	for (const { nodes } of graphs)
		for (const node of nodes)
			for (const table of tableOf(node)) tables.set(node.outputs[0], table);
	return graphs.flatMap(({ nodes }) =>
		nodes
			.filter(({ op }) => CHANGING_OPS.has(op))
			.flatMap(({ inputs }) => tables.get(inputs[0]) ?? [...tables.values()]),
	);
}

/** The resource of the table whose handle a node makes. */
export function tableOf({ op, attrs }: Node): string[] {
	const { shared_name: shared } = attrs;
	return TABLE_OPS.has(op) && typeof shared === "string" ? [shared] : [];
}

const CHANGING_OPS: ReadonlySet<string> = new Set([
	"LookupTableInsert",
	"LookupTableInsertV2",
	"LookupTableRemoveV2",
	"LookupTableImport",
	"LookupTableImportV2",
]);
