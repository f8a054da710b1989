import {
	CONTROL_FORMS,
	type ControlForm,
	mapFunctions,
} from "../graph/bodies.js";
import { TypeMap } from "../graph/infer.js";
import {
	type Graph,
	NO_INITIALIZER,
	type Node,
	type Program,
	type ValueName,
} from "../graph/ir.js";
import type { Table } from "../host/table/table.js";
import { heldConstant } from "../tensor/constant.js";
import { numberTensor } from "../tensor/numbers.js";
import { listAttr } from "./bodies/ports.js";
import { rewrite } from "./pass.js";
import { FilledTables } from "./tables/filled.js";

/**
 * A program whose tables are filled when it is loaded, and only read: they are filled now, and what looks something up has
 * their keys and values with it (`_Lookup`), for targets without tables. A program where that is not so stays as it is.
 */
export function withoutTables(program: Program): Program {
	const { initializer, sharesResources } = program;
	// what some signature changes is no constant
	if (initializer.nodes.length === 0 || sharesResources) return program;
	const tables = new FilledTables();
	if (!tables.fill(initializer)) return program;
	const functions = new Map(program.functions);
	const handles: Handles = new Map();
	const made = {
		...lookedUp(program, { program, tables, handles, functions }),
		initializer: NO_INITIALIZER,
		functions,
	};
	const isLeft = [made, ...functions.values()].some(({ nodes }) =>
		nodes.some(({ inputs }) => inputs.some((input) => handles.has(input))),
	);
	return isLeft ? program : made;
}

type Handles = Map<ValueName, Table>;

interface Looking {
	readonly program: Program;
	readonly tables: FilledTables;
	/** The values that are handles, in all graphs. */
	readonly handles: Handles;
	/** Bodies, those without handles in the place of theirs. */
	readonly functions: Map<string, Graph>;
}

/** A graph without handles of tables, and without what reads them. */
function lookedUp<G extends Graph>(graph: G, looking: Looking): G {
	const { tables, handles } = looking;
	const types = new TypeMap(graph);
	return rewrite(graph, (node) => {
		types.add(node);
		const made = tables.of(node, types);
		if (made !== undefined) {
			handles.set(node.outputs[0], made);
			return { nodes: [] };
		}
		const form = CONTROL_FORMS[node.op];
		if (form !== undefined) return { nodes: [closed(node, form, looking)] };
		const table = handles.get(node.inputs[0]);
		const read = READS[node.op];
		if (table === undefined || read === undefined) return undefined;
		return { nodes: [read(node, table)] };
	});
}

/** A branch or loop that is given no handles: its bodies know the tables. A loop hands on what it is given. */
function closed(node: Node, form: ControlForm, looking: Looking): Node {
	const { program, handles, functions } = looking;
	const args = node.inputs.slice(form.first);
	const isKept = (_: unknown, i: number) => !handles.has(args[i]);
	const isLoop = form.kind === "loop";
	mapFunctions(node.attrs, (key, reference) => {
		const body = program.functions.get(reference.function) as Graph;
		for (const [i, { value }] of body.inputs.entries()) {
			const table = handles.get(args[i]);
			if (table !== undefined) handles.set(value, table);
		}
		const { inputs, outputs, nodes } = lookedUp(body, looking);
		functions.set(reference.function, {
			inputs: inputs.filter(isKept),
			outputs: isLoop && key !== "cond" ? outputs.filter(isKept) : outputs,
			nodes,
		});
		return reference;
	});
	const filtered = (name: string) =>
		isLoop || name === form.inputTypes
			? { [name]: listAttr(node.attrs, name).filter(isKept) }
			: {};
	return {
		...node,
		inputs: [...node.inputs.slice(0, form.first), ...args.filter(isKept)],
		outputs: isLoop ? node.outputs.filter(isKept) : node.outputs,
		attrs: {
			...node.attrs,
			...filtered(form.inputTypes),
			...filtered("output_shapes"),
		},
	};
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
