import { fail } from "../../errors.js";
import { dtypeAttr, shapeAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { isStatic } from "../../ops/shapes.js";
import { showShape } from "../../tensor/tensor.js";
import { type HostRow, step } from "../kernel.js";
import { type HostValue, opaque, tensorOf } from "../value.js";
import { DenseTable } from "./dense-table.js";
import { StaticTable } from "./static-table.js";
import { Table, type TableType } from "./table.js";

/** Ops that make a handle: of the table that has the node's shared name, or of a new one. */
const staticTable = handle((node) => new StaticTable(typeOf(node, [], [])));
const scalarTable = handle((node) => new Table(typeOf(node, [], [])));
const vectorTable = handle(
	(node) => new Table(typeOf(node, [], staticShape(node))),
);
const denseTable = handle((node, inputs) => {
	const [emptyKey, deletedKey] = inputs.map(tensorOf);
	return new DenseTable(
		typeOf(node, emptyKey.shape, staticShape(node)),
		emptyKey,
		deletedKey,
	);
});

export const handleRows = {
	HashTable: staticTable,
	HashTableV2: staticTable,
	AnonymousHashTable: staticTable,
	MutableHashTable: scalarTable,
	MutableHashTableV2: scalarTable,
	AnonymousMutableHashTable: scalarTable,
	MutableHashTableOfTensors: vectorTable,
	MutableHashTableOfTensorsV2: vectorTable,
	AnonymousMutableHashTableOfTensors: vectorTable,
	MutableDenseHashTable: denseTable,
	MutableDenseHashTableV2: denseTable,
	AnonymousMutableDenseHashTable: denseTable,
} as const;

function handle(
	make: (node: Node, inputs: readonly HostValue[]) => Table,
): HostRow {
	return step((node, inputs, run) => {
		const key = resourceKey(node);
		const table =
			key === undefined
				? make(node, inputs)
				: run.resource(key, () => make(node, inputs));
		return [opaque("resource", table)];
	});
}

/** Undefined for an anonymous table. */
function resourceKey({ name, attrs }: Node): string | undefined {
	const { container = "", shared_name: shared } = attrs;
	if (shared === undefined) return undefined;
	return `table ${String(container)}/${shared === "" ? name : String(shared)}`;
}

function typeOf(
	node: Node,
	keyShape: readonly number[],
	valueShape: readonly number[],
): TableType {
	return {
		keyDtype: dtypeAttr(node, "key_dtype"),
		valueDtype: dtypeAttr(node, "value_dtype"),
		keyShape,
		valueShape,
	};
}

function staticShape(node: Node): readonly number[] {
	const shape = shapeAttr(node, "value_shape");
	if (isStatic(shape)) return shape;
	throw fail(
		"INVALID",
		`cannot make a table of values of shape ${showShape(shape)}: a known shape was wanted`,
	);
}
