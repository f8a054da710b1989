import { constantAttr } from "../../graph/attrs.js";
import { type GraphTypes, TypeMap } from "../../graph/infer.js";
import type { Graph, Node, ValueName } from "../../graph/ir.js";
import { hostRow } from "../../host/index.js";
import type { HostRun } from "../../host/kernel.js";
import { handleRows } from "../../host/table/handles.js";
import { Table } from "../../host/table/table.js";
import { type HostValue, isOpaque, tensorOf } from "../../host/value.js";

/** Tables that the host fills before anything runs. Has a lifetime: one program. */
export class FilledTables {
	readonly #resources = new Map<string, object>();
	/** What tables need of a run; no body is called where they are filled. */
	readonly #run: HostRun = {
		call: () => Promise.resolve([]),
		resource: <T extends object>(key: string, make: () => T): T => {
			const known = this.#resources.get(key) as T | undefined;
			const found = known ?? make();
			this.#resources.set(key, found);
			return found;
		},
	};

	/** Runs what fills them; `false` where the host cannot do that at once. */
	fill(initializer: Graph): boolean {
		const types = new TypeMap(initializer);
		const values = new Map<ValueName, HostValue>();
		for (const node of initializer.nodes) {
			types.add(node);
			const inputs = node.inputs.map((input) => values.get(input) as HostValue);
			const results = this.#results(node, inputs, types);
			if (results === undefined) return false;
			for (const [i, output] of node.outputs.entries())
				values.set(output, results[i]);
		}
		return true;
	}

	/** The table that a node makes the handle of, where its keys and values are scalars. */
	of(node: Node, types: GraphTypes): Table | undefined {
		if (!(node.op in handleRows)) return undefined;
		const inputs = node.inputs.flatMap((input) => types.constant(input) ?? []);
		if (inputs.length < node.inputs.length) return undefined;
		const [handle] = this.#results(node, inputs, types) ?? [];
		const table = handle && isOpaque(handle) ? handle.items[0] : undefined;
		if (!(table instanceof Table)) return undefined;
		const { keyShape, valueShape } = table.type;
		return keyShape.length + valueShape.length === 0 ? table : undefined;
	}

	#results(
		node: Node,
		inputs: readonly HostValue[],
		types: GraphTypes,
	): readonly HostValue[] | undefined {
		if (node.op === "Const") return [constantAttr(node, "value").read()];
		const dtypes = [...node.inputs, ...node.outputs].map(
			(value) => types.typeOf(value).dtype,
		);
		const row = hostRow(node, dtypes);
		if (row === undefined) return undefined;
		if (typeof row === "function") return row(node, inputs.map(tensorOf));
		const results = row.step(node, inputs, this.#run);
		return results instanceof Promise ? undefined : results;
	}
}
